// A device's rosters, over the store that its engine keeps: for tests that ask what the engine does not show.
#pragma once

#include "core/rosters.h"
#include "support/world.h"

namespace bud::test {

class RosterHand {
 public:
  RosterHand(World& world, Device& device, std::uint8_t seed)
      : device_(device),
        arena_(*crypto::Arena::create()),
        random_(seeded(seed)),
        context_({device.storage, world.clock, random_, executor_, *arena_, device}) {
    core::KeysRow keys = *core::load<core::KeysRow>(device.storage, core::Table::meta, core::key::meta("keys")).value();
    if (!context_.keys.load(*arena_, keys)) std::abort();
  }

  // One transaction, on what the engine has on disk by now.
  template <class F>
  auto operator()(F f) -> decltype(f(std::declval<core::Rosters&>())) {
    reload();
    core::Transaction tx = *core::Transaction::open(device_.storage);
    auto result = f(rosters_);
    if (result && tx.commit()) return result;
    rosters_.forget_cached();
    return result;
  }

  std::shared_ptr<const core::Roster> view(const ThreadId& group) {
    return (*this)([&](core::Rosters& r) { return r.view(group); }).value();
  }
  core::RosterChange absorb(const ThreadId& group, const std::vector<Bytes>& entries) {
    return (*this)([&](core::Rosters& r) { return r.absorb(group, entries); }).value();
  }
  // All that it keeps, in one piece.
  std::vector<Bytes> entries(const ThreadId& group) {
    auto pieces = (*this)([&](core::Rosters& r) { return r.entries(group, 64u << 20); }).value();
    return pieces.empty() ? std::vector<Bytes>() : pieces[0];
  }
  core::Ledgers& ledgers() { return ledgers_; }
  AccountId account() {
    reload();
    return context_.own.account;
  }
  DeviceId id() const { return context_.keys.device(); }
  crypto::SigningKey key() const { return context_.keys.signing(); }
  Device& device() { return device_; }

 private:
  static crypto::SeededRandom seeded(std::uint8_t number) {
    crypto::Secret<32> s;
    s.expose_mutable()[0] = number;
    s.expose_mutable()[1] = 'r';
    return crypto::SeededRandom(std::move(s));
  }
  void reload() {
    const std::uint64_t number = context_.own.next_number;
    context_.own = core::load_or_new<core::OwnRow>(device_.storage, core::Table::meta, core::key::meta("own")).value();
    context_.own.next_number = std::max(number, context_.own.next_number);
    ledgers_.forget_cached();
  }

  Device& device_;
  std::unique_ptr<crypto::Arena> arena_;
  crypto::SeededRandom random_;
  core::SequentialExecutor executor_;
  core::Context context_;
  core::Alerts alerts_{context_};
  core::Ledgers ledgers_{context_, alerts_};
  core::Rosters rosters_{context_, ledgers_};
};

}  // namespace bud::test
