#include "client/thread.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {
constexpr std::size_t max_messages = 4096;  // of one answer
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
