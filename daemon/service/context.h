// What the objects on the bus share. All of it outlives them.
#pragma once

#include "bus/bus.h"
#include "bus/method.h"
#include "service/core_host.h"
#include "service/index.h"
#include "service/paths.h"
#include "service/values.h"

namespace bud::service {

struct Context {
  bus::Event& event;
  bus::Bus& chat;     // org.budstikke.Budstikke1
  bus::Bus& control;  // org.budstikke.Control1
  CoreHost& core;
  Index& index;
};

// An option that a method does not know is refused.
[[nodiscard]] inline Result<bus::Dict> read_options(bus::Call& call, std::initializer_list<std::string_view> known) {
  BUD_TRY(bus::Dict options, call.args.dict());
  BUD_CHECK(bus::only(options, known));
  return options;
}

// So many entries of a list are answered at most, and as many where the caller leaves it open.
inline constexpr std::size_t max_page = 200;
inline std::size_t page_size(std::uint32_t asked) {
  return asked == 0 ? max_page : std::min<std::size_t>(asked, max_page);
}
// Nor more bytes of text than this, beyond the first entry.
inline constexpr std::size_t max_page_bytes = 4 * 1024 * 1024;

}  // namespace bud::service
