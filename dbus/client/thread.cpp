#include "client/thread.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {
constexpr std::size_t max_messages = 4096;  // of one answer
constexpr Duration to_read_a_file = hours(1);
}

Thread::Thread(Connection& connection, const ObjectPath& path)
    : Proxy(connection, {chat_name, path.text, "org.budstikke.Thread1"}) {}

Result<ThreadView> Thread::view() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  return parse_thread(path(), all);
}

Result<ObjectPath> Thread::send(std::string_view text, std::string_view idempotency_key) const {
  bus::Dict options;
  if (!idempotency_key.empty()) options["idempotency-key"] = std::string(idempotency_key);
  BUD_TRY(const bus::Message answer, call("Send", [&](bus::Writer& w) {
            w.dict({{"text", std::string(text)}}).dict(options);
          }));
  return bus::Reader(answer).path();
}

Result<> Thread::set_muted(Time until) const {
  return run("SetMuted", [&](bus::Writer& w) { w.u64(until.ms); });
}
Result<> Thread::set_pinned(bool pinned) const {
  return run("SetPinned", [&](bus::Writer& w) { w.boolean(pinned); });
}
Result<> Thread::set_archived(bool archived) const {
  return run("SetArchived", [&](bus::Writer& w) { w.boolean(archived); });
}
Result<> Thread::set_draft(std::string_view text) const {
  return run("SetDraft", [&](bus::Writer& w) { w.string(text); });
}

Result<ObjectPath> Thread::send_file(int file, const std::string& name, const std::string& media_type, std::string_view text,
                                     std::string_view idempotency_key) const {
  bus::Dict options;
  if (!text.empty()) options["text"] = std::string(text);
  if (!idempotency_key.empty()) options["idempotency-key"] = std::string(idempotency_key);
  const auto write = [&](bus::Writer& w) { w.fd(file).string(name).string(media_type).dict(options); };
  BUD_TRY(const bus::Message answer, connection_.call(target_, "SendFile", write, to_read_a_file));
  return bus::Reader(answer).path();
}

Result<UniqueFd> Thread::open_file(const ObjectPath& message, std::uint32_t index) const {
  const std::optional<Bytes> id = from_hex(last_part(message));
  if (!id) return fail(Errc::malformed, "That is no message");
  BUD_TRY(const bus::Message answer, call("OpenFile", [&](bus::Writer& w) { w.bytes(*id).u32(index); }));
  return bus::Reader(answer).fd();
}

Result<Thread::Page> Thread::messages(std::uint64_t before, std::uint32_t max) const {
  BUD_TRY(const bus::Message answer, call("Messages", [&](bus::Writer& w) { w.u64(before).u32(max); }));
  bus::Reader reader(answer);
  BUD_TRY(const std::vector<bus::Dict> all, reader.dicts(max_messages));
  Page page;
  BUD_TRY(page.messages, (parse_all<MessageView>(all, parse_message)));
  BUD_TRY(page.next, reader.u64());
  return page;
}

}  // namespace bud::client
