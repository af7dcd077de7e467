#include "bus/reply.h"

#include "bus/error.h"

namespace bud::bus {
namespace {

Result<> send_return(const Message& call, const std::function<void(Writer&)>& write) {
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_return(call.raw(), &raw);
  if (r < 0) return tl::unexpected(error_from_errno(r, "answer a call"));
  const Message answer = Message::adopt(raw);
  Writer writer(answer);
  write(writer);
  BUD_CHECK(writer.done());
  r = sd_bus_message_send(answer.raw());
  if (r < 0) return tl::unexpected(error_from_errno(r, "answer a call"));
  return {};
}

}  // namespace

void Reply::ok(const std::function<void(Writer&)>& write) {
  if (!pending()) return;
  const Result<> sent = send_return(call_, write);
  if (!sent) return fail(sent.error());
  call_ = Message();
}

void Reply::fail(const Error& error) {
  if (!pending()) return;
  const Message call = std::exchange(call_, Message());
  sd_bus_error bus_error{};
  (void)set_bus_error(&bus_error, error);
  (void)sd_bus_reply_method_error(call.raw(), &bus_error);
  sd_bus_error_free(&bus_error);
}

void Reply::drop() noexcept {
  if (pending()) fail({Errc::internal, {}});
}

}  // namespace bud::bus
