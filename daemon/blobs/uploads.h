// Staged files on their way to the bridges that keep them: one at a time for each bridge, the oldest first, slice by
// slice.
#pragma once

#include "blobs/staging.h"
#include "bridging/bridges.h"
#include "core/engine.h"

namespace bud::blobs {

class Uploads {
 public:
  // `moved` is called from the loop: so many bytes of a file of this message are where they are to go.
  using Moved = std::function<void(const MessageId& message, std::uint64_t done, std::uint64_t total)>;
  using Log = std::function<void(const std::string& words)>;
  // All outlive it.
  Uploads(bridging::Timers& timers, Random& random, core::Engine& engine, bridging::Bridges& bridges,
          const Staging& staging, Moved moved, Log log)
      : timers_(timers),
        random_(random),
        engine_(engine),
        bridges_(bridges),
        staging_(staging),
        moved_(std::move(moved)),
        log_(std::move(log)) {}
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // There may be something for this bridge.
  void kick(const std::string& bridge);
  // It is up (again).
  void retry_now(const std::string& bridge);
  // It was taken away, and answers nothing any more.
  void removed(const std::string& bridge) { lines_.erase(bridge); }

 private:
  struct Line {
    explicit Line(Random& random) : backoff(random, Duration{500}, minutes(5)) {}
    bridging::Backoff backoff;
    bool in_flight = false;
    bridging::Timer timer;
    std::uint64_t done = 0;  // of the file that is being moved
    unsigned standing = 0;   // answers since it was more
  };
  Line& line(const std::string& bridge);
  void next(const std::string& bridge);
  void answered(const std::string& bridge, const core::Upload& upload, const bridging::Answer& answer,
                const bridging::BlobPutState& state);
  [[nodiscard]] Result<> act(const std::string& bridge, const core::Upload& upload, const bridging::Answer& answer,
                             const bridging::BlobPutState& state);
  void wait(const std::string& bridge, Duration at_least);

  bridging::Timers& timers_;
  Random& random_;
  core::Engine& engine_;
  bridging::Bridges& bridges_;
  const Staging& staging_;
  Moved moved_;
  Log log_;
  std::map<std::string, Line> lines_;
};

}  // namespace bud::blobs
