// What a content says, by its kind. All of it was sealed by somebody else: a decoder bounds every length, and what a
// body names (a message, an account, a place where a blob lies) is believed no further than its author is.
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

// The message that an edit, a retraction, a reaction or a vote is about.
struct Target {
  MessageId id;
  ContentHash hash;
  auto operator<=>(const Target&) const = default;
};

struct TextRange {
  std::uint32_t start = 0, length = 0;  // Unicode code points of the text
  std::uint8_t style = 0;               // 1 bold, 2 italic, 3 strike, 4 monospace, 5 link, 6 mention; others are ignored
  std::string argument;                 // link: the URL; mention: the account id in hex
};
struct Text {
  std::string text;
  std::vector<TextRange> ranges;
};

// Counts where its author is its target's.
struct Edit {
  Target target;
  Text text;
};
struct Retraction {
  Target target;
};

// One account's reactions with different emoji stand side by side; each is set or taken back by the newest that names
// it.
struct Reaction {
  Target target;
  std::string emoji;
  bool set = true;
};

// Read: all that the receiver wrote in the thread up to and with this Lamport number.
struct ReadMark {
  ThreadId thread;
  std::uint64_t lamport = 0;
};
enum class ReceiptType : std::uint8_t { delivered = 1, read = 2 };
struct Receipt {
  ReceiptType type = ReceiptType::delivered;
  std::vector<ContentHash> contents;  // delivered; else none
  std::vector<ReadMark> marks;        // read; else none
};

struct Typing {
  bool active = false;
};

// Bytes that lie sealed where anybody may fetch them, or, where they are few and no bridge keeps blobs, stand in the
// content itself. The hash is of the plain bytes: an AEAD alone would let one blob be two files.
using BlobKey = Fixed<struct BlobKeyTag, 32>;
using BlobHash = Fixed<struct BlobHashTag, 32>;
struct Blob {
  BlobKey key;
  BlobHash hash;               // of the plain bytes
  std::uint64_t size = 0;      // of the plain bytes
  std::vector<std::string> locations;  // "bridge:rest", the bridge being a kind, not a configured name
  Bytes inlined;               // all of it, where there are no locations; else empty
};
struct File {
  Blob blob;
  std::string name;            // for people: no path, whatever it looks like
  std::string media_type;      // as the sender says
  std::uint32_t width = 0, height = 0;  // pixels, 0: none
  std::uint32_t duration_ms = 0;
  bool voice = false;          // a message that was spoken
  Bytes thumbnail;             // an image, as the sender made it; may be empty
};
struct Attachment {
  Text caption;
  std::vector<File> files;     // at least one
};

struct Poll {
  std::string question;
  std::vector<std::string> options;  // two at least
  bool multiple = false;
};
// An account's newest vote counts.
struct Vote {
  Target target;
  std::vector<std::uint8_t> choices;  // numbers of options, rising; none: taken back
};

struct Sticker {
  Blob blob;
  std::string emoji;
  std::string pack;
};

// An introduction: the author says that this account is found at these addresses.
struct ContactCard {
  AccountId account;
  std::string name;
  std::vector<std::string> addresses;
};

// A group's roster, or what the sender has of it: signed entries (wire/roster.h) that prove themselves, and the ledger
// entries of those who signed them.
struct ThreadChange {
  bool asks = false;           // the receiver is to send what it has
  std::vector<Bytes> entries;
  std::vector<Bytes> proofs;
};

// One value of a person's own state, the same on all devices: the greatest (lamport, device) stands.
enum class RegisterKind : std::uint8_t {
  read_up_to = 1, mute = 2, pin = 3, archive = 4, draft = 5, blocked = 6, contact_name = 7, verified = 8, accepted = 9,
  setting = 10, alert_answered = 11,
};
struct Register {
  RegisterKind kind = RegisterKind::setting;
  Bytes subject;               // a thread's or an account's id, or a name
  std::uint64_t lamport = 0;
  DeviceId device;             // that wrote it
  Bytes value;                 // empty: unset
};
using RegistersDigest = Fixed<struct RegistersDigestTag, 32>;
struct RegisterSync {
  RegistersDigest state;       // of all that the sender has, with these
  bool asks = false;           // the receiver is to send all that it has
  std::vector<Register> registers;
};

// What is missing: asked for by hash, and told, or refused, by the account that wrote it.
struct History {
  std::vector<ContentHash> asked;
  std::vector<ContentHash> refused;  // was not written for who asked
  std::vector<Bytes> told;     // contents of the sender's own account, as they were encoded
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
    std::variant<Text, Edit, Retraction, Reaction, Receipt, Typing, Attachment, Poll, Vote, Sticker, ContactCard,
                 ThreadChange, RegisterSync, History, DecryptError, Nothing, JoinOffer, JoinReveal, JoinCosignature,
                 JoinWelcome, UnknownBody>;

void write_body(Writer& w, const ContentBody& body);
// Faults the reader where the bytes are no body of that kind; the caller asks it to finish.
[[nodiscard]] ContentBody read_body(ContentKind kind, Reader& r);

}  // namespace bud::wire
