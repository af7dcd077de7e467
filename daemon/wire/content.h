// What people and devices say to each other: one envelope of common fields, and a body for each kind (bodies.h). It is
// sealed once for each device; its hash is what later messages, receipts and reactions name.
#pragma once

#include "wire/bodies.h"

namespace bud::wire {

struct Reply {
  MessageId id;
  ContentHash hash;
  AccountId author;
  std::string excerpt;
};

// A message that the author had seen, and whose it was: who lacks it asks its author's devices, and nobody else, since
// nobody else can vouch for what it says.
struct Previous {
  ContentHash hash;
  AccountId author;
  auto operator<=>(const Previous&) const = default;
};

struct Content {
  ContentKind kind = ContentKind::text;
  MessageId id;                 // random
  ThreadId thread;              // zero: belongs to no conversation (receipts, errors, joining)
  AccountId author;             // must be the account of the session that carried it
  std::vector<AccountId> to;    // a thread of two: the other account; else empty
  Time time;                    // the author's clock: shown, never sorted by
  std::uint64_t lamport = 0;
  std::string from_address, to_address;
  std::vector<Previous> previous;  // newest messages of the thread that the author had seen
  RosterDigest roster;          // a group's, as the author knew it; zero in a thread of two
  std::uint32_t expire = 0;     // seconds from reading, 0: never
  std::optional<Reply> reply;
  std::string fallback;         // shown where the kind is not known
  bool needs = false;           // not to be acted on where the kind is not known
  ContentBody body;
};

[[nodiscard]] Bytes encode(const Content& content);
[[nodiscard]] Result<Content> decode_content(ByteView bytes);
[[nodiscard]] ContentHash content_hash(ByteView content);

[[nodiscard]] ThreadId thread_of_two(const AccountId& a, const AccountId& b);

}  // namespace bud::wire
