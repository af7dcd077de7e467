// How a bridge is, for people.
#pragma once

#include <cstdint>
#include <string>

namespace bud::bridging {

// The numbers of org.budstikke.Bridges1.
enum class BridgeState : std::uint32_t {
  starting = 1,  // for the first time
  up = 2,
  retrying = 3,     // it is worked on; the words say what stands in the way
  needs_login = 4,  // a person must act
  failed = 5,       // a person must act: its configuration or its program does not work
};

struct Status {
  BridgeState state = BridgeState::starting;
  std::string words;  // empty where there is nothing to say
  bool operator==(const Status&) const = default;
};

}  // namespace bud::bridging
