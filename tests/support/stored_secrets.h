// Every secret that a device holds, by name: read out of its state folder, with its passphrase, as the daemon reads it.
#pragma once

#include "crypto/secret.h"

#include <string>
#include <vector>

namespace bud::test {

struct StoredSecret {
  std::string name;
  crypto::SecretBytes bytes;
};

// Each folder is one that no daemon works in: a stopped device's, or a copy. All throw where it does not open.
crypto::Secret<32> master_key_of(const std::string& state_folder, const std::string& passphrase);
// From the passphrase to the store's keys.
std::vector<StoredSecret> secrets_of_the_vault(const std::string& state_folder, const std::string& passphrase);
// Of the device and its sessions, as of now.
std::vector<StoredSecret> secrets_of_the_store(const std::string& state_folder, const crypto::Secret<32>& master);

}  // namespace bud::test
