#include "crypto/words.h"

#include <sodium.h>

namespace bud::crypto {
namespace {

constexpr std::string_view word_list[] = {
#include "crypto/bip39_english.inc"
};
static_assert(std::size(word_list) == 2048);

constexpr std::size_t words_in_all = 24, bits_a_word = 11;

std::uint8_t checksum(ByteView seed) {
  Secret<32> digest;
  crypto_hash_sha256(digest.expose_mutable().data(), seed.data(), seed.size());
  return digest.expose()[0];
}

// The word's number, 2,048 where it is none. `word` is in lower case.
std::size_t find_word(std::string_view word) {
  const auto* at = std::lower_bound(std::begin(word_list), std::end(word_list), word);
  if (at == std::end(word_list)) return 2048;
  const bool whole = *at == word;
  const bool prefix = word.size() >= 4 && at->substr(0, word.size()) == word;
  return whole || prefix ? static_cast<std::size_t>(at - std::begin(word_list)) : 2048;
}

bool is_space(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

SecretBytes recovery_words(const Secret<32>& seed) {
  Secret<33> bits;
  std::copy(seed.expose().begin(), seed.expose().end(), bits.expose_mutable().begin());
  bits.expose_mutable()[32] = checksum(seed.expose());
  Bytes text;
  text.reserve(words_in_all * 9);  // once: no copy is left behind by growth
  for (std::size_t w = 0; w < words_in_all; ++w) {
    std::size_t n = 0;
    for (std::size_t b = w * bits_a_word; b < (w + 1) * bits_a_word; ++b)
      n = n << 1 | (static_cast<std::size_t>(bits.expose()[b / 8]) >> (7 - b % 8) & 1u);
    if (w > 0) text.push_back(' ');
    append(text, as_bytes(word_list[n]));
  }
  return SecretBytes::adopt(std::move(text));
}

Result<Secret<32>> seed_from_words(ByteView words) {
  Secret<33> bits;
  std::size_t count = 0;
  for (std::size_t i = 0; i < words.size();) {
    if (is_space(words[i])) {
      ++i;
      continue;
    }
    if (++count > words_in_all) return fail(Errc::malformed, "more than 24 words");
    Secret<9> word;  // the longest has 8 letters
    std::size_t length = 0;
    for (; i < words.size() && !is_space(words[i]); ++i, ++length) {
      std::uint8_t c = words[i];
      if (c >= 'A' && c <= 'Z') c = static_cast<std::uint8_t>(c - 'A' + 'a');
      if (length < word.size) word.expose_mutable()[length] = c;
    }
    const std::size_t n = length < word.size ? find_word(as_text(word.expose().first(length))) : 2048;
    if (n == 2048) return fail(Errc::malformed, "word " + std::to_string(count) + " is none of the list");
    for (std::size_t k = 0; k < bits_a_word; ++k) {
      const std::size_t b = (count - 1) * bits_a_word + k;
      if (n >> (bits_a_word - 1 - k) & 1) bits.expose_mutable()[b / 8] |= static_cast<std::uint8_t>(0x80u >> (b % 8));
    }
  }
  if (count != words_in_all) return fail(Errc::malformed, std::to_string(count) + " words; there are 24");
  Secret<32> seed = *Secret<32>::from(bits.expose().first(32));
  if (checksum(seed.expose()) != bits.expose()[32]) return fail(Errc::wrong_secret, "these are words, but not the right ones in the right order");
  return seed;
}

}  // namespace bud::crypto
