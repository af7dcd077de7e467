// What a copy holds once opened: gossip first, then the content and its hash, padded.
#pragma once

#include "wire/content.h"

namespace bud::wire {

// What makes a lying directory visible without any log server: PROTOCOL.md, "Gossip".
struct MemberDigest {
  AccountId account;
  Fixed<struct ShortDigestTag, 8> digest;
};

// Carried by first flights, and whenever the peer's view is behind: what a directory is then not needed for.
struct Introduction {
  std::vector<Bytes> entries;            // ledger entries; they prove themselves
  std::vector<AddressOpening> openings;  // of the sender's claimed addresses
  std::vector<Route> routes;             // where the sending device can be reached
  std::string name;                      // display name
};

struct Gossip {
  LedgerDigest mine;                // of the sender's account, as it knows it
  LedgerDigest yours;               // of the receiver's account, as the sender knows it; zero: knows none
  std::uint64_t yours_sequence = 0; // sequence of the receiving device's record, as the sender was served it
  std::uint64_t features = 0;       // bit set of content features
  std::uint64_t counter = 0;        // rises with each copy for this pair of devices, over all sessions
  std::uint64_t seen_counter = 0;   // the highest counter opened from the receiver
  std::vector<MemberDigest> members;     // groups: the other members
  std::optional<PrekeyBundle> personal;  // a prekey for the receiver alone, to be used once
  std::optional<Introduction> introduction;
};

struct Plaintext {
  Gossip gossip;
  ContentHash hash;
  Bytes content;  // encoded Content
};

// Padmé (Nikitin et al., PETS 2019, "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs"),
// at least 256 bytes.
[[nodiscard]] std::size_t padded_size(std::size_t n);

[[nodiscard]] crypto::SecretBytes encode_padded(const Plaintext& plaintext);
// Errc::malformed also where the padding is not zero or not of the size it has to be.
[[nodiscard]] Result<Plaintext> decode_padded(ByteView padded);

}  // namespace bud::wire
