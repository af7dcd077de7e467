// Two ends of a session and a network as a script, two bytes a step: whatever the interleaving, each copy opens once,
// at its first arrival, to what was sealed in it; what was touched on the way does not open; both ends can go on.
#include "fuzz/support/copies.h"
#include "fuzz/support/feed.h"

namespace bud::fuzz {
namespace {

using test::noon;

struct InFlight {
  Bytes copy;
  Bytes text;
  bool arrived = false;
};

class Model {
 public:
  explicit Model(Feed& feed) {
    // Nothing expires here; and KEM keys are offered often, or a short script would see none.
    bounds_.skipped_life = bounds_.offer_life = days(100'000);
    bounds_.offer_after_copies = 1 + static_cast<std::uint32_t>(feed.below(6));
    static const std::pair<Bytes, Bytes> rows = [] {
      const test::Pair pair(210);
      return std::pair(test::row(pair.a), test::row(pair.b));
    }();
    ends_[0] = must(core::decode_session(rows.first));
    ends_[1] = must(core::decode_session(rows.second));
  }

  void step(Feed& feed) {
    const std::uint8_t what = feed.u8();
    const std::size_t end = what & 1;
    const std::uint8_t which = feed.u8();
    switch (what >> 1 & 7) {
      case 0:
      case 1:
        send(end, which);
        break;
      case 2:
      case 3:
        arrive(end, which);
        break;
      case 4:
        tamper(end, which, feed);
        break;
      case 5:
        now_ = now_ + hours(which);
        break;
      case 6:
        ends_[end].offer_wanted = true;
        break;
      default:
        for (int i = 0; i < which % 32; ++i) send(end, which);
        break;
    }
  }

  void both_go_on() {
    for (std::size_t from : {std::size_t{0}, std::size_t{1}}) {
      send(from, 1);
      arrive(1 - from, static_cast<std::uint8_t>(network_[1 - from].size() - 1));
    }
  }

 private:
  void send(std::size_t from, std::uint8_t size) {
    std::vector<InFlight>& out = network_[1 - from];
    if (out.size() >= 255) return;
    const Bytes text(size, static_cast<std::uint8_t>(out.size()));
    const core::SealRequest request{wire::MessageClass::normal, 0, {}, now_};
    const bool offers = core::offers_next(ends_[from], now_, bounds_);
    out.push_back({must(core::seal(ends_[from], request, text, random_, bounds_)), text});
    ends_[from] = test::stored(ends_[from]);
    if (offers) BUD_HOLDS(test::header_of(out.back().copy).offer.has_value());
  }

  void arrive(std::size_t to, std::uint8_t which) {
    if (network_[to].empty()) return;
    InFlight& item = network_[to][which % network_[to].size()];
    const std::optional<wire::CopyView> copy = check_copy(item.copy);
    BUD_HOLDS(copy.has_value());
    const std::optional<Bytes> text = check_open(ends_[to], *copy, now_, bounds_);
    BUD_HOLDS(text == (item.arrived ? std::nullopt : std::optional(item.text)));
    item.arrived = true;
  }

  void tamper(std::size_t to, std::uint8_t which, Feed& feed) {
    if (network_[to].empty()) return;
    Bytes bad = network_[to][which % network_[to].size()].copy;
    bad[feed.u16() % bad.size()] ^= static_cast<std::uint8_t>(1 + feed.below(255));
    const std::optional<wire::CopyView> copy = check_copy(bad);
    if (copy) BUD_HOLDS(!check_open(ends_[to], *copy, now_, bounds_));
  }

  crypto::SeededRandom random_ = test::seeded(211);
  core::RatchetBounds bounds_;
  core::Session ends_[2];
  std::vector<InFlight> network_[2];  // to each end
  Time now_ = noon;
};

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  Model model(feed);
  for (int steps = 0; !feed.empty() && steps < 96; ++steps) model.step(feed);
  model.both_go_on();
}

void write_seeds(Seeds& seeds) {
  const auto send = [](std::uint8_t end) { return end; };
  const auto arrive = [](std::uint8_t end) { return static_cast<std::uint8_t>(4 | end); };
  seeds.add("one", Bytes{0, send(0), 9, arrive(1), 0});
  seeds.add("to-and-fro", Bytes{0, send(0), 1, arrive(1), 0, send(1), 2, arrive(0), 0, send(0), 3, arrive(1), 1,
                                send(1), 4, arrive(0), 1});
  seeds.add("out-of-order",
            Bytes{3, send(0), 1, send(0), 2, send(0), 3, arrive(1), 2, arrive(1), 0, arrive(1), 1, arrive(1), 2});
  seeds.add("left-behind", Bytes{0, send(0), 1, send(0), 2, arrive(1), 0, send(1), 3, arrive(0), 0, send(0), 4,
                                 arrive(1), 2, arrive(1), 1});
  seeds.add("touched", Bytes{1, send(0), 5, 9, 0, 0, 60, 1, arrive(1), 0});
  seeds.add("both-at-once", Bytes{0, send(0),   1, send(1),   1, arrive(0), 0, arrive(1), 0, send(0), 1, send(1),
                                  1, arrive(1), 1, arrive(0), 1, 12,        0, 13,        0});
  seeds.add("many-lost", Bytes{0, 14, 31, send(1), 1, arrive(0), 0, arrive(1), 30, 10, 200, arrive(1), 3});
}

}  // namespace bud::fuzz
