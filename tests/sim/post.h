// One transport with its directory: mailboxes that lose, double, delay, reorder, garble and forget, and a directory that
// lags and lies. It does to its clients what any server may do, and keeps account of what it did.
#pragma once

#include "core/transport.h"
#include "sim/dice.h"
#include "sim/ghost.h"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace bud::sim {

struct Weather {  // percent of pushes
  unsigned loss = 0, doubled = 0, garbled = 0, replayed = 0, unclear = 0, refused = 0;
  Duration delay;  // the longest
  bool reorder = false;
};

enum class Lie : std::uint8_t {
  none,
  silence,        // no answer
  nothing,        // an answer without a record
  withholds_one,  // one device's record is left out
  old,            // the records of some time ago
  ghost_device,   // a device of the server's own among those of the account
  other_account,  // an account of the server's own, instead
  second_account, // and beside
  garbage,        // records with bits turned, and bytes that are none
};
inline constexpr std::size_t lie_count = 9;
const char* name(Lie lie);

struct PostCounts {
  std::uint64_t pushed = 0, lost = 0, doubled = 0, garbled = 0, replayed = 0, forgotten = 0, refused = 0, unclear = 0;
  std::array<std::uint64_t, lie_count> lies{};
  void add(const PostCounts& other);
};

class Post {
 public:
  // `idempotent`: a copy whose sender and number were here before is not taken twice, as many servers do.
  Post(std::string bridge, Dice& dice, const Time& now, bool idempotent)
      : bridge_(std::move(bridge)), dice_(dice), now_(now), idempotent_(idempotent) {}

  // --- as a worker sees it; `who` is the transport's name of the device that is logged in ---
  core::PushStatus push(const std::string& who, const core::OutboxItem& item);
  struct Batch {
    std::vector<Bytes> copies;
    Bytes cursor;
  };
  std::optional<Batch> take(const std::string& who, std::size_t max);
  void acknowledge(const std::string& who, ByteView cursor);
  bool publish(const std::string& who, const core::Publication& record);
  struct Served {
    std::vector<Bytes> records;
    Lie lie = Lie::none;
    std::optional<DeviceId> ghost;  // that was among them
  };
  // nullopt: no answer.
  std::optional<Served> look_up(const std::string& who, const std::string& address);

  // Called, from anywhere, when there is or will be something to take, or the way to the post is another; nothing: no more.
  void listen(const std::string& who, std::function<void(Duration in)> bell) { bells_[who] = std::move(bell); }
  // Until the first of what lies there may be taken.
  std::optional<Duration> next_due(const std::string& who) const;

  // --- what befalls it ---
  Weather weather;
  std::set<std::string> cut_off;  // devices that do not reach it
  void cut(const std::string& device);
  void mend(const std::string& device);
  void mend_all();
  void lie(const std::string& address, Lie lie) { lies_[address] = lie; }
  void be_honest() { lies_.clear(); }
  void forget(const std::string& device);
  // All records at an address go: its owner begins anew.
  void clear(const std::string& address);
  // Puts bytes of anybody's into a mailbox.
  void drop_into(const std::string& device, Bytes copy) { deposit(device, std::move(copy)); }
  std::optional<wire::Record> record_of(const std::string& address, const std::string& device) const;

  const std::string& bridge() const { return bridge_; }
  const PostCounts& counts() const { return counts_; }

 private:
  struct Item {
    Bytes copy;
    Time due;
  };
  using Shelf = std::map<std::string, Bytes>;  // transport device -> record
  void deposit(const std::string& device, Bytes copy);
  void ring(const std::string& device, Duration in);

  std::string bridge_;
  Dice& dice_;
  const Time& now_;
  bool idempotent_;
  std::map<std::string, std::function<void(Duration)>> bells_;
  std::map<std::string, std::map<std::uint64_t, Item>> mail_;
  std::map<std::string, std::map<std::uint64_t, std::vector<std::uint64_t>>> handed_out_;  // by cursor
  std::uint64_t next_ = 1;
  std::set<std::pair<std::string, std::uint64_t>> taken_;
  std::vector<Bytes> some_mail_;  // to be replayed
  std::map<std::string, Shelf> directory_;
  std::map<std::string, std::vector<Shelf>> history_;
  std::map<std::string, Lie> lies_;
  std::map<std::string, std::unique_ptr<Ghost>> ghosts_;  // one for each address
  PostCounts counts_;
};

}  // namespace bud::sim
