// What people and devices say to each other: one envelope of common fields, and a body for each kind. It is sealed once
// for each device; its hash is what later messages, receipts and reactions name.
#pragma once

#include "wire/record.h"

#include <variant>

namespace bud::wire {

// Numbers are for ever. Kinds without a body type here are known by name and shown by their fallback.
enum class ContentKind : std::uint16_t {
  text = 1, edit = 2, retraction = 3, reaction = 4, receipt = 5, typing = 6, attachment = 7, poll = 8, vote = 9,
  sticker = 10, contact_card = 11, call = 12, thread_change = 13, device_register = 14, history = 15, invite = 16,
  decrypt_error = 17, nothing = 18,
  join_offer = 32, join_reveal = 33, join_cosignature = 34, join_welcome = 35,
};

// --- bodies ---

struct TextRange {
  std::uint32_t start = 0, length = 0;  // Unicode code points of the text
  std::uint8_t style = 0;               // 1 bold, 2 italic, 3 strike, 4 monospace, 5 link, 6 mention; others are ignored
  std::string argument;                 // link: the URL; mention: the account id in hex
};
struct Text {
  std::string text;
  std::vector<TextRange> ranges;
};

enum class ReceiptType : std::uint8_t { delivered = 1, read = 2 };
struct Receipt {
  ReceiptType type = ReceiptType::delivered;
  std::vector<ContentHash> contents;
};

// "I could not open these": PROTOCOL.md, "Healing". The sender reacts only to envelopes it sealed for that device.
struct DecryptError {
  std::vector<EnvelopeHash> envelopes;
  PrekeyBundle bundle;  // the reporter's current one
};

struct Nothing {};  // an empty ratchet message; carries gossip and keys only

using JoinNonce = Fixed<struct JoinNonceTag, 32>;
struct JoinOffer {
  AccountId account;
  LedgerDigest digest;
  EntryHash parent;  // under which the sponsor will sign the add
  JoinNonce nonce;
  JoinCommitment commitment;  // as the sponsor's directory showed it
};
struct JoinReveal {
  JoinNonce nonce;
};
struct JoinCosignature {
  crypto::Signature signature;
};
struct AddressOpening {
  std::string address;
  ClaimOpening opening;
};
struct JoinWelcome {
  std::vector<Bytes> entries;  // the account's ledger
  std::string name;
  std::vector<AddressOpening> openings;
};

// A kind this program has no type for: kept as it came.
struct UnknownBody {
  Bytes bytes;
};

using ContentBody =
    std::variant<Text, Receipt, DecryptError, Nothing, JoinOffer, JoinReveal, JoinCosignature, JoinWelcome, UnknownBody>;

// --- envelope ---

struct Reply {
  MessageId id;
  ContentHash hash;
  AccountId author;
  std::string excerpt;
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
  std::vector<ContentHash> previous;  // newest messages of the thread that the author had seen
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
