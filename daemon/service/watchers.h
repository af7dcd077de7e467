// The clients that asked to be told of new events, until they leave the bus.
#pragma once

#include "bus/bus.h"

#include <map>

namespace bud::service {

class Watchers {
 public:
  explicit Watchers(bus::Bus& bus) : bus_(bus) {}
  // By unique name; twice is once. Errc::busy: there are too many.
  [[nodiscard]] Result<> add(const std::string& client);
  // Sends org.budstikke.Account1.Available to each of them, and to nobody else.
  void tell(std::uint64_t cursor);

 private:
  bus::Bus& bus_;
  std::map<std::string, bus::Bus::ClientWatch> clients_;
};

}  // namespace bud::service
