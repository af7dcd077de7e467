// What every part of the engine works on during one call: the environment, this device's row and keys, and what the call
// has changed so far.
#pragma once

#include "core/engine.h"
#include "core/rows.h"

namespace bud::core {

// This device's keys, in the arena. Copies are made for the length of a call only.
class Keyring {
 public:
  [[nodiscard]] Result<> load(crypto::Arena& arena, const KeysRow& row);
  const DeviceId& device() const { return device_; }
  crypto::SigningKey signing() const;
  crypto::DhKey identity() const;

 private:
  DeviceId device_;
  crypto::DhPublic identity_public_;
  crypto::ArenaSecret signing_, identity_;
};

struct Context {
  explicit Context(const Environment& e) : env(e) {}

  Environment env;
  Keyring keys;
  OwnRow own;
  Changes changes;
  bool own_changed = false;  // to be saved before the commit
  std::set<AccountId> ledgers_moved;  // followed up before the commit
  bool devices_removed = false;     // from some account's seal_for: their copies are dropped before the commit
  bool keep_despite_error = false;  // commit although the call fails: a wrong code has cost an attempt

  Storage& db() { return env.storage; }
  Time now() { return env.clock.now(); }
  bool member() const { return own.state == AccountState::member; }
  // Not below the clock: what an older store gave out before it was put back is not given again. Transports take a copy's
  // number once, and clients keep an event's as their cursor.
  std::uint64_t next_number() {
    own_changed = true;
    own.next_number = std::max(own.next_number, now().ms);
    return own.next_number++;
  }
  void routes_changed() {
    own_changed = true;
    ++own.routes;
  }
  std::uint64_t next_label() {
    own_changed = true;
    return own.next_label++;
  }
  template <class F>
  F random() {
    F f;
    env.random.fill(f.bytes);
    return f;
  }
};

// Text of an address without its bridge, and the bridge's name; nullopt where there is no colon in its place.
struct SplitAddress {
  std::string bridge, rest;
};
[[nodiscard]] std::optional<SplitAddress> split_address(std::string_view address);

// Wants an address looked up, where there is a bridge that could.
[[nodiscard]] Result<> want_lookup(Context& context, std::string_view address);

// Where an account may be found: at the addresses that own devices know it by, and then those that its ledger claims.
[[nodiscard]] Result<std::vector<std::string>> addresses_of(Context& context, const AccountId& account);

// What a register holds (registers.h); empty: it is not set.
[[nodiscard]] Result<Bytes> register_value(Context& context, wire::RegisterKind kind, ByteView subject);

// Is nothing to be shown of that account, and nothing said to it? Never of the own one, whatever a register says.
[[nodiscard]] Result<bool> is_blocked(Context& context, const AccountId& account);

// This device's routes: one for each bridge that was up, by name, since the order of the store's rows means nothing.
[[nodiscard]] Result<std::vector<wire::Route>> own_routes(Context& context);

}  // namespace bud::core
