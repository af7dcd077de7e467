// Look-ups that a caller on the bus waits for: each ends within twenty seconds, before D-Bus loses patience.
#pragma once

#include "service/core_host.h"

namespace bud::service {

class Lookups {
 public:
  // Complete: the engine now knows what the directory holds. Failed: the directory did not answer; what is known is
  // from before. Errc::locked: the vault was locked meanwhile.
  enum class Outcome { complete, failed };
  using Done = std::function<void(Result<Outcome>)>;

  Lookups(bus::Event& event, CoreHost& core) : event_(event), core_(core) {}

  // `done` is called once, from the loop. Errc::busy: too many wait. Errc::locked.
  [[nodiscard]] Result<> ask(const std::string& bridge, const std::string& address, Done done);
  // All that wait end with Errc::locked.
  void drop_all();

 private:
  struct Waiting {
    Done done;
    bus::Source limit;
  };
  void finish(std::uint64_t id, Result<Outcome> outcome);

  bus::Event& event_;
  CoreHost& core_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_ = 1;
};

}  // namespace bud::service
