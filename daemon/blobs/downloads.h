// Files that are being fetched, for as long as somebody reads them. What has come stays in the staging area, so that a
// fetch that was broken off, by whatever, goes on where it stood.
//
// Nobody is believed: not the place that gives the bytes (they are opened as they come, and what does not open is
// thrown away and fetched from the next), nor the bridge (the file's size says how much has come), nor the message (its
// size is bounded).
#pragma once

#include "blobs/staging.h"
#include "bridging/bridges.h"

namespace bud::blobs {

// The largest file that is fetched.
inline constexpr std::uint64_t largest_received = std::uint64_t{16} << 30;

class Downloads {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    // From the loop. So many sealed bytes are there, of so many.
    virtual void blob_moved(const std::string& name, std::uint64_t there, std::uint64_t total) = 0;
    // It is given up; nobody may want it any more for now.
    virtual void blob_failed(const std::string& name, const Error& why) = 0;
  };
  // All outlive it.
  Downloads(bridging::Timers& timers, Random& random, bridging::Bridges& bridges, const Staging& staging,
            Observer& observer)
      : timers_(timers), random_(random), bridges_(bridges), staging_(staging), observer_(observer) {}
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  // Fetches it, unless it is there; the same number of release() ends it. Its name. Errc::too_large, Errc::malformed
  // (there is no such file), Errc::offline (none of this device's bridges leads to where it is kept).
  [[nodiscard]] Result<std::string> want(const wire::Blob& blob);
  void release(const std::string& name);
  // What was fetched from this offset on does not open: it is fetched again, from elsewhere if it can be.
  void distrust(const std::string& name, std::uint64_t offset);
  // A bridge is up.
  void retry_now();
  // It was taken away, and answers nothing any more.
  void removed(const std::string& bridge);

  struct State {
    std::uint64_t there = 0, total = 0;
  };
  [[nodiscard]] std::optional<State> state(const std::string& name) const;

 private:
  // Where it can be had: a bridge, and what it knows the place by.
  using Source = std::pair<std::string, std::string>;
  struct Item {
    explicit Item(Random& random) : backoff(random, Duration{500}, seconds(30)) {}
    std::vector<std::string> locations;
    std::uint64_t there = 0, total = 0;
    UniqueFd target;
    unsigned readers = 0;
    std::optional<Source> asked;         // in flight: until its answer the file may still grow
    std::optional<std::uint64_t> cut;    // where it is cut off then
    std::map<Source, unsigned> strikes;  // how often it gave what is of no use
    std::size_t turn = 0;                // whose it is
    unsigned standing = 0;
    Duration waited;    // since the last byte came
    std::string words;  // of the last failure
    bridging::Backoff backoff;
    bridging::Timer timer;
  };
  [[nodiscard]] std::vector<Source> sources(const Item& item) const;
  void next(const std::string& name);
  void answered(const std::string& name, const bridging::Answer& answer, const bridging::BlobGetState& state);
  void judge(Item& item, const Source& source, const bridging::Answer& answer, const bridging::BlobGetState& state,
             bool came);
  void wait(const std::string& name, Duration at_least);
  void fail(const std::string& name, const Error& why);

  bridging::Timers& timers_;
  Random& random_;
  bridging::Bridges& bridges_;
  const Staging& staging_;
  Observer& observer_;
  std::map<std::string, Item> items_;
};

}  // namespace bud::blobs
