#include "wire/entry.h"

#include "wire/labels.h"

namespace bud::wire {
namespace {

using enum EntryKind;

bool grants(EntryKind kind) { return kind == genesis || kind == add || kind == handover; }

// struct EntryBody: PROTOCOL.md, "Ledger entry".
void write_granted(Writer& w, const EntryBody& b) {
  if (b.kind == genesis) w.fixed(b.nonce).fixed(b.recovery);
  if (b.kind == add) w.u8(static_cast<std::uint8_t>(b.role));
  w.fixed(b.key).fixed(b.identity);
}

EntryBody read_body(Reader& r) {
  EntryBody b;
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(ObjectType::entry)) r.fault();
  const std::uint8_t kind = r.u8();
  if (kind < 1 || kind > 6) r.fault();
  b.kind = static_cast<EntryKind>(kind);
  b.account = r.fixed<AccountId>();
  b.prev = r.fixed<EntryHash>();
  b.signer = r.fixed<DeviceId>();
  b.time = r.time();
  if (grants(b.kind)) {
    if (b.kind == genesis) {
      b.nonce = r.fixed<decltype(b.nonce)>();
      b.recovery = r.fixed<DeviceId>();
    }
    if (b.kind == add) {
      const std::uint8_t role = r.u8();
      if (role < 1 || role > 2) r.fault();
      b.role = static_cast<Role>(role);
    }
    b.key = r.fixed<DeviceId>();
    b.identity = r.fixed<crypto::DhPublic>();
    b.cosignature = r.fixed<crypto::Signature>();
  } else if (b.kind == revoke) {
    b.key = r.fixed<DeviceId>();
    r.list(max_keep * EntryHash::size, max_keep, [&](Reader& in) { b.keep.push_back(in.fixed<EntryHash>()); });
  } else if (b.kind == claim) {
    b.blinded = r.fixed<BlindedAddress>();
  } else {
    b.released = r.fixed<EntryHash>();
  }
  return b;
}

Result<> check_keys(const EntryBody& b) {
  BUD_CHECK(crypto::check_signing_public(b.signer));
  if (b.kind == genesis) {
    BUD_CHECK(crypto::check_signing_public(b.recovery));
    if (b.key != b.signer || b.recovery == b.key || !b.account.is_zero() || !b.prev.is_zero())
      return fail(Errc::malformed, "a genesis entry that contradicts itself");
  } else if (b.account.is_zero() || b.prev.is_zero()) {
    return fail(Errc::malformed, "an entry without account or parent");
  }
  if (grants(b.kind) || b.kind == revoke) BUD_CHECK(crypto::check_signing_public(b.key));
  if (!grants(b.kind)) return {};
  // A handover's role is its signer's, which this entry alone does not show: a recovery key's successor has no identity.
  if (b.kind == genesis || (b.kind == add && b.role == Role::device) || (b.kind == handover && !b.identity.is_zero())) {
    if (b.identity.is_zero()) return fail(Errc::bad_key, "a device without an identity key");
    return crypto::check_dh_public(b.identity);
  }
  if (!b.identity.is_zero()) return fail(Errc::malformed, "a recovery key with an identity key");
  return {};
}

Bytes with_signature(const Bytes& body, const crypto::Signature& signature) {
  return Writer().vector(body).fixed(signature).take();
}

}  // namespace

Bytes encode(const EntryBody& b) {
  Writer w;
  w.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::entry)).u8(static_cast<std::uint8_t>(b.kind));
  w.fixed(b.account).fixed(b.prev).fixed(b.signer).time(b.time);
  if (grants(b.kind)) {
    write_granted(w, b);
    w.fixed(b.cosignature);
  } else if (b.kind == revoke) {
    w.fixed(b.key);
    Writer keep;
    for (const EntryHash& h : b.keep) keep.fixed(h);
    w.vector(keep.bytes());
  } else if (b.kind == claim) {
    w.fixed(b.blinded);
  } else {
    w.fixed(b.released);
  }
  return w.take();
}

AccountId Entry::account() const {
  return body_.kind == genesis ? AccountId{hash_.bytes} : body_.account;
}

Result<UnverifiedEntry> decode_entry(ByteView bytes) {
  Reader outer(bytes);
  UnverifiedEntry e;
  ByteView body = outer.vector(max_entry);
  e.signature = outer.fixed<crypto::Signature>();
  BUD_CHECK(outer.finish("ledger entry"));
  Reader inner(body);
  e.body = read_body(inner);
  BUD_CHECK(inner.finish("ledger entry"));
  e.body_bytes.assign(body.begin(), body.end());
  return e;
}

EntryHash UnverifiedEntry::hash() const { return crypto::hash<EntryHash>(label::entry_hash, body_bytes); }

AccountId UnverifiedEntry::account() const { return body.kind == genesis ? AccountId{hash().bytes} : body.account; }

Result<Entry> verify(UnverifiedEntry e) {
  BUD_CHECK(check_keys(e.body));
  if (!crypto::verify(e.body.signer, label::entry_sign, e.body_bytes, e.signature))
    return fail(Errc::bad_signature, "a ledger entry that its signer did not sign");
  if (grants(e.body.kind)) {
    const DeviceId& by = e.body.kind == genesis ? e.body.recovery : e.body.key;
    if (!crypto::verify(by, label::entry_cosign, cosigned_part(e.body), e.body.cosignature))
      return fail(Errc::bad_signature, "a ledger entry that the key it adds did not sign");
  }
  Entry out;
  out.hash_ = e.hash();
  out.bytes_ = with_signature(e.body_bytes, e.signature);
  out.body_ = std::move(e.body);
  return out;
}

Result<Entry> decode_and_verify_entry(ByteView bytes) {
  BUD_TRY(UnverifiedEntry e, decode_entry(bytes));
  return verify(std::move(e));
}

Result<Entry> trust_stored_entry(ByteView bytes) {
  BUD_TRY(UnverifiedEntry e, decode_entry(bytes));
  Entry out;
  out.hash_ = e.hash();
  out.bytes_.assign(bytes.begin(), bytes.end());
  out.body_ = std::move(e.body);
  return out;
}

Bytes cosigned_part(const EntryBody& b) {
  Writer w;
  w.u8(static_cast<std::uint8_t>(b.kind)).fixed(b.account).fixed(b.prev).fixed(b.signer);
  write_granted(w, b);
  return w.take();
}

crypto::Signature cosign(const EntryBody& body, const crypto::SigningKey& key) {
  return key.sign(label::entry_cosign, cosigned_part(body));
}

Entry sign_entry(const EntryBody& body, const crypto::SigningKey& signer) {
  Entry out;
  Bytes bytes = encode(body);
  out.hash_ = crypto::hash<EntryHash>(label::entry_hash, bytes);
  out.bytes_ = with_signature(bytes, signer.sign(label::entry_sign, bytes));
  out.body_ = body;
  return out;
}

BlindedAddress blind(const ClaimOpening& opening, std::string_view address) {
  return crypto::Hasher(label::claim).add(opening.view()).add(as_bytes(address)).finish_as<BlindedAddress>();
}

}  // namespace bud::wire
