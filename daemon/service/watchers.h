// The clients that asked to be told of new events, until they leave the bus.
#pragma once

#include "bus/bus.h"
#include "core/model.h"

#include <map>

namespace bud::service {

class Watchers {
 public:
  explicit Watchers(bus::Bus& bus) : bus_(bus) {}
  // By unique name; twice is once. Errc::busy: there are too many.
  [[nodiscard]] Result<> add(const std::string& client);
  // Sends a signal of org.budstikke.Account1 to each of them, and to nobody else.
  void tell(std::uint64_t cursor);  // Available
  void tell(const core::TypingInfo& typing);

 private:
  void send(const char* member, const bus::Bus::Write& write);

  bus::Bus& bus_;
  std::map<std::string, bus::Bus::ClientWatch> clients_;
};

}  // namespace bud::service
