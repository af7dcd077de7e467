// Somebody whom no account's devices vouch for, with keys of their own: what a lying directory serves, and who writes
// to people uninvited.
#pragma once

#include "core/session/handshake.h"
#include "wire/record.h"

namespace bud::sim {

class Ghost {
 public:
  explicit Ghost(Random& random);

  DeviceId device() const { return signing_.id(); }
  // A device of `of`, if its ledger said so (which it does not).
  Bytes record_beside(const wire::Record& real, Time now);
  // A device of an account of the ghost's own that claims `address`.
  Bytes record_of_own(const std::string& address, Time now);
  AccountId account() const { return genesis_.account(); }
  // A text to the device whose record this is, whose identity key the ghost has from the ledger in it.
  std::optional<Bytes> write_to(const wire::Record& to, const std::string& text, Time now);

 private:
  Random& random_;
  crypto::SigningKey signing_;
  crypto::DhKey identity_;
  crypto::SigningKey recovery_;
  wire::Entry genesis_;
  std::uint64_t sequence_ = 0;
};

}  // namespace bud::sim
