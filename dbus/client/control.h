// The interfaces of the control name: org.budstikke.Vault1, Accounts1, Devices1, Alerts1 and Bridges1.
#pragma once

#include "client/connection.h"
#include "client/secret_buffer.h"
#include "client/types.h"

namespace bud::client {

class Vault : public Proxy {
 public:
  explicit Vault(Connection& connection);
  struct State {
    VaultState state = VaultState::unknown;
    std::string protection;
  };
  Result<State> state() const;
  Result<> create(const SecretBuffer& passphrase, const std::string& protection) const;
  Result<> unlock(const SecretBuffer& passphrase) const;
  Result<> lock() const { return run("Lock"); }
};

class Accounts : public Proxy {
 public:
  explicit Accounts(Connection& connection);
  // An empty name: none.
  Result<ObjectPath> create(const std::string& name) const;
  Result<SecretBuffer> recovery_words(const ObjectPath& account) const;
  // Whether they are still held; reads nothing of them.
  Result<bool> has_recovery_words(const ObjectPath& account) const;
  Result<> recovery_words_kept(const ObjectPath& account) const;
  Result<> join(std::string_view address) const;
  Result<JoinStatus> join_status() const;
  Result<> confirm_join(std::string_view code) const;
  Result<> cancel_join() const { return run("CancelJoin"); }
  Result<> wake_on_join() const { return wake_on("JoinChanged"); }
};

class Devices : public Proxy {
 public:
  explicit Devices(Connection& connection);
  Result<> open_join_window(std::uint32_t seconds) const;
  Result<> close_join_window() const { return run("CloseJoinWindow"); }
  Result<std::vector<JoinRequest>> requests() const;
  Result<std::string> approve(std::uint64_t request, std::string_view code) const;
  Result<> reject(std::uint64_t request) const;
  Result<> revoke(ByteView device) const;
  Result<> wake_on_requests() const { return wake_on("RequestsChanged"); }
};

class Alerts : public Proxy {
 public:
  explicit Alerts(Connection& connection);
  // All of them, over as many calls as it takes.
  Result<std::vector<Alert>> list() const;
  Result<> acknowledge(std::uint64_t id) const;
};

class Bridges : public Proxy {
 public:
  explicit Bridges(Connection& connection);
  Result<> add(std::string_view name, std::string_view kind, const bus::Dict& config) const;
  Result<> remove(std::string_view name) const;
  Result<std::vector<Bridge>> list() const;
  struct Probe {
    bool ok = false;
    std::string text;
  };
  Result<Probe> probe(std::string_view name) const;
};

}  // namespace bud::client
