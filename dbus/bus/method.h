// From a C++ member function to the C function pointers of an sd_bus_vtable, and back: the one place where a Result
// becomes a reply or an error. No exception passes into sd-bus: a handler that throws is answered with Failed.
//
//   static const sd_bus_vtable vtable[] = {
//       SD_BUS_VTABLE_START(0),
//       SD_BUS_METHOD_WITH_ARGS("Resolve", SD_BUS_ARGS("s", address, "a{sv}", options), SD_BUS_RESULT("o", contact),
//                               bus::method<&Account::resolve>, SD_BUS_VTABLE_UNPRIVILEGED),
//       SD_BUS_PROPERTY("Name", "s", bus::property<&Account::name>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
//       SD_BUS_VTABLE_END};
//
// The class that is named in the vtable must be the very type that Bus::add_object was given, not a base of it.
#pragma once

#include "bus/error.h"
#include "bus/reply.h"

#include <systemd/sd-bus-vtable.h>

#include <type_traits>

namespace bud::bus {

// A method call as its handler sees it. sd-bus has compared the signature with the vtable already.
struct Call {
  Message message;
  Reader args;
  std::string_view path() const { return message.path(); }
  std::string_view sender() const { return message.sender(); }
};

namespace detail {

template <class>
struct MemberOf;
template <class T, class R, class... A>
struct MemberOf<R (T::*)(A...)> {
  using type = T;
};
template <class T, class R, class... A>
struct MemberOf<R (T::*)(A...) const> {
  using type = const T;
};
template <auto member>
using object_of = typename MemberOf<decltype(member)>::type;

using Handler = Result<> (*)(void* object, Call& call, Reply& reply);
int dispatch(sd_bus_message* raw, void* object, Handler handler) noexcept;
using Getter = Result<> (*)(void* object, Writer& out, std::string_view path);
int get_property(sd_bus_message* raw, const char* path, void* object, sd_bus_error* error, Getter getter) noexcept;

}  // namespace detail

// A handler is one of
//   Result<> T::f(Call&, Writer& out)    answers on return, with what it wrote
//   Result<> T::f(Call&, Reply& reply)   answers through `reply`, or moves it away to answer later; an error that it
//                                        returns is the answer, unless there was one
template <auto handler>
int method(sd_bus_message* raw, void* userdata, sd_bus_error*) noexcept {
  using T = detail::object_of<handler>;
  return detail::dispatch(raw, userdata, [](void* object, Call& call, Reply& reply) -> Result<> {
    T* self = static_cast<T*>(object);
    if constexpr (std::is_invocable_v<decltype(handler), T*, Call&, Writer&>) {
      // Written into the answer itself; where the handler fails half-way, the answer is thrown away with what it holds.
      reply.ok([&](Writer& out) {
        const Result<> result = (self->*handler)(call, out);
        if (!result) out.fail(result.error());
      });
      return {};
    } else {
      return (self->*handler)(call, reply);
    }
  });
}

// A getter is Result<> T::f(Writer&) or, for objects behind a fallback vtable, Result<> T::f(Writer&, path); it may be
// const.
template <auto getter>
int property(sd_bus*, const char* path, const char*, const char*, sd_bus_message* raw, void* userdata,
             sd_bus_error* error) noexcept {
  using T = detail::object_of<getter>;
  return detail::get_property(raw, path, userdata, error,
                              [](void* object, Writer& out, std::string_view at) -> Result<> {
                                T* self = static_cast<T*>(object);
                                if constexpr (std::is_invocable_v<decltype(getter), T*, Writer&>) {
                                  (void)at;
                                  return (self->*getter)(out);
                                } else {
                                  return (self->*getter)(out, at);
                                }
                              });
}

}  // namespace bud::bus
