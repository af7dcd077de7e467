#include "bus/method.h"

#include <cerrno>
#include <exception>

namespace bud::bus::detail {

int dispatch(sd_bus_message* raw, void* object, Handler handler) noexcept {
  Reply reply(Message::share(raw));
  try {
    const Message message = Message::share(raw);
    Call call{Message::share(raw), Reader(message)};
    const Result<> result = handler(object, call, reply);
    if (!result) reply.fail(result.error());
  } catch (const std::exception&) {
    // What was thrown may quote its input; the caller gets the general words from Reply's destructor.
  }
  return 1;  // handled: sd-bus looks for no other handler and sends no answer of its own
}

int get_property(sd_bus_message* raw, const char* path, void* object, sd_bus_error* error, Getter getter) noexcept {
  try {
    const Message message = Message::share(raw);
    Writer out(message);
    Result<> result = getter(object, out, path);
    if (result) result = out.done();
    return result ? 1 : set_bus_error(error, result.error());
  } catch (const std::exception&) {
    return -ENOMEM;
  }
}

}  // namespace bud::bus::detail
