// Files in a conversation: handed in and handed out as descriptors.
#include "bus/reply.h"
#include "service/files.h"
#include "service/paths.h"
#include "service/thread.h"

namespace bud::service {
namespace {

constexpr std::size_t max_key = 64;

// A name is shown, and used where it is saved: what leads to another folder is no name.
Result<> check_name(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    return fail(Errc::malformed, "a file's name is no path, and not empty");
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return fail(Errc::malformed, "a file's name has no control characters");
  return {};
}

Result<FileSender::Request> read_file_options(bus::Call& call) {
  FileSender::Request request;
  BUD_TRY(request.file.name, call.args.string(wire::max_file_name));
  BUD_TRY(request.file.media_type, call.args.string(wire::max_media_type));
  BUD_TRY(const bus::Dict options, call.args.dict({16, wire::max_text}));
  BUD_CHECK(bus::only(options, {"text", "idempotency-key", "width", "height", "duration", "voice", "thumbnail"}));
  BUD_CHECK(check_name(request.file.name));
  BUD_TRY(request.caption, bus::get_or<std::string>(options, "text", {}));
  BUD_TRY(request.idempotency_key, bus::get_or<std::string>(options, "idempotency-key", {}));
  BUD_TRY(request.file.width, bus::get_or<std::uint32_t>(options, "width", 0));
  BUD_TRY(request.file.height, bus::get_or<std::uint32_t>(options, "height", 0));
  BUD_TRY(request.file.duration_ms, bus::get_or<std::uint32_t>(options, "duration", 0));
  BUD_TRY(request.file.voice, bus::get_or<bool>(options, "voice", false));
  BUD_TRY(request.file.thumbnail, bus::get_or<Bytes>(options, "thumbnail", {}));
  if (request.file.thumbnail.size() > wire::max_thumbnail) return fail(Errc::too_large, "a thumbnail has at most 8 KiB");
  if (request.idempotency_key.size() > max_key) return fail(Errc::too_large, "an idempotency key has at most 64 bytes");
  return request;
}

}  // namespace

Result<> Threads::send_file(bus::Call& call, bus::Reply& reply) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(Files* const files, context_.core.files());
  BUD_TRY(UniqueFd source, call.args.fd());
  BUD_TRY(FileSender::Request request, read_file_options(call));
  request.thread = thread;
  const auto pending = std::make_shared<bus::Reply>(std::move(reply));  // std::function wants what can be copied
  files->send(std::move(source), std::move(request), [pending](const Result<MessageId>& sent) {
    if (!sent) return pending->fail(sent.error());
    pending->ok([&](bus::Writer& out) { out.path(paths::of(*sent)); });
  });
  return {};
}

Result<> Threads::open_file(bus::Call& call, bus::Writer& out) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(Files* const files, context_.core.files());
  BUD_TRY(const ByteView bytes, call.args.byte_view(MessageId::size));
  BUD_TRY(const std::uint32_t index, call.args.u32());
  const std::optional<MessageId> message = MessageId::from(bytes);
  if (!message) return fail(Errc::malformed, "a message's id has 16 bytes");
  BUD_TRY(const core::MessageInfo info, engine->message(*message));
  if (info.thread != thread) return fail(Errc::not_found, "there is no such message in this thread");
  BUD_TRY(const UniqueFd file, files->open_file(*message, index));
  out.fd(file.get());
  return {};
}

}  // namespace bud::service
