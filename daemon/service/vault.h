// org.budstikke.Vault1: makes, opens and locks what everything else needs.
#pragma once

#include "service/background.h"
#include "service/context.h"
#include "vault/vault.h"

namespace bud::service {

class Vault {
 public:
  static constexpr const char* interface = "org.budstikke.Vault1";
  static const sd_bus_vtable vtable[];

  Vault(Context& context, const store::StateFolder& folder)
      : context_(context), folder_(folder), background_(context.event) {}
  [[nodiscard]] Result<> serve();
  // A vault with a key file opens by itself. What goes wrong is logged, and answered to Unlock: the daemon stays, so
  // that there is somebody to ask.
  void open_by_itself();

 private:
  struct Job;
  Result<> state(bus::Writer& out) const;
  Result<> protection(bus::Writer& out) const;
  Result<> create(bus::Call& call, bus::Reply& reply);
  Result<> unlock(bus::Call& call, bus::Reply& reply);
  Result<> lock(bus::Call& call, bus::Writer& out);

  using KeyFrom = std::function<Result<crypto::Secret<32>>(const crypto::SecretBytes& passphrase)>;
  Result<> with_passphrase(UniqueFd passphrase, KeyFrom key_from, bus::Reply& reply);
  Result<> open(const Result<crypto::Secret<32>>& master);

  Context& context_;
  const store::StateFolder& folder_;
  std::uint64_t locks_ = 0;  // a Lock takes back what is being unlocked
  bus::Slot object_;
  Background background_;
};

}  // namespace bud::service
