#include "store/row_sealer.h"

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

namespace bud::store {
namespace {

constexpr crypto::Label row_label{"budstikke/1/store/row"}, blind_label{"budstikke/1/store/blind"};
constexpr std::size_t blind_size = 16;

Result<crypto::ArenaSecret> derive(const crypto::Secret<32>& master, crypto::Label label, crypto::Arena& arena) {
  crypto::Secret<32> key;
  crypto::hkdf(key, {}, master.expose(), label, {});
  return crypto::ArenaSecret::store(arena, key.expose());
}

// The AEAD takes its key as a Secret: a copy on the stack for one operation, wiped with it.
crypto::Secret<32> borrow(const crypto::ArenaSecret& key) {
  return *crypto::Secret<32>::from(key.expose());
}

Bytes row_ad(core::Table table, ByteView stored_key) {
  Bytes ad;
  ad.reserve(1 + stored_key.size());
  ad.push_back(static_cast<std::uint8_t>(table));
  append(ad, stored_key);
  return ad;
}

}  // namespace

Result<RowSealer> RowSealer::create(const crypto::Secret<32>& master, crypto::Arena& arena, Random& random) {
  BUD_TRY(crypto::ArenaSecret row, derive(master, row_label, arena));
  BUD_TRY(crypto::ArenaSecret blind, derive(master, blind_label, arena));
  return RowSealer(std::move(row), std::move(blind), random);
}

Result<Bytes> RowSealer::stored_key(core::Table table, const core::RowKey& key) const {
  if (key.parts().size() > max_parts) return fail(Errc::too_large, "a key of more than six parts");
  Bytes out;
  std::uint8_t position = 0;
  for (const core::RowKey::Part& part : key.parts()) {
    if (part.blind) {
      const std::uint8_t place[] = {static_cast<std::uint8_t>(table), position};
      out.resize(out.size() + blind_size);
      crypto::Hasher(blind_label, blind_key_.expose(), blind_size)
          .add(place)
          .add(part.bytes)
          .finish(ByteSpan(out).last(blind_size));
    } else {
      append(out, part.bytes);
    }
    ++position;
  }
  if (out.size() > max_key) return fail(Errc::too_large, "a key of more than 256 bytes");
  return out;
}

Bytes RowSealer::seal(core::Table table, ByteView stored_key, ByteView value) const {
  crypto::Nonce nonce;
  random_->fill(nonce.bytes);
  Bytes row(nonce.size + value.size() + crypto::aead_overhead);
  std::copy(nonce.bytes.begin(), nonce.bytes.end(), row.begin());
  crypto::seal_into(ByteSpan(row).subspan(nonce.size), borrow(row_key_), nonce, row_ad(table, stored_key), value);
  return row;
}

Result<crypto::SecretBytes> RowSealer::open(core::Table table, ByteView stored_key, ByteView sealed) const {
  std::optional<crypto::Nonce> nonce;
  if (sealed.size() >= crypto::Nonce::size) nonce = crypto::Nonce::from(sealed.first(crypto::Nonce::size));
  if (nonce) {
    auto value = crypto::open(borrow(row_key_), *nonce, row_ad(table, stored_key), sealed.subspan(crypto::Nonce::size));
    if (value) return value;
  }
  return fail(Errc::damaged, "a row of the store is damaged and is left out");
}

}  // namespace bud::store
