// The 24 recovery words, as people type them. The mutator writes words that are right, and then types them badly: 2,048
// words and a checksum are more than blind changes find.
#include "crypto/words.h"
#include "fuzz/support/harness.h"
#include "fuzz/support/mutator.h"
#include "support/wire_samples.h"

namespace bud::fuzz {
namespace {

std::string words_of(Random& random) {
  crypto::Secret<32> seed;
  random.fill(seed.expose_mutable());
  return std::string(as_text(crypto::recovery_words(seed).expose()));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (c == ' ')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

std::optional<Bytes> mutate(ByteView, Dice& dice, std::size_t) {
  std::vector<std::string> words = split(words_of(dice));
  const std::vector<std::string> others = split(words_of(dice));
  std::string typed;
  const bool careful = percent(dice, 60);
  for (std::string& word : words) {
    if (percent(dice, 30)) word.resize(std::min<std::size_t>(word.size(), 3 + dice.below(3)));
    if (percent(dice, 20))
      for (char& c : word) c = static_cast<char>(c - 'a' + 'A');
    if (!careful && percent(dice, 10)) word = others[dice.below(others.size())];
    if (!careful && percent(dice, 3)) word = std::string(word.size() + dice.below(9), 'z');
    static constexpr std::string_view gaps[] = {" ", "\n", "\t ", "  ", "\r\n"};
    typed += word;
    typed += gaps[dice.below(std::size(gaps))];
  }
  return Bytes(typed.begin(), typed.end());
}

}  // namespace

void run(ByteView input) {
  const Result<crypto::Secret<32>> seed = crypto::seed_from_words(input);
  if (!seed) return BUD_HOLDS(seed.error().code == Errc::malformed || seed.error().code == Errc::wrong_secret);
  const crypto::SecretBytes words = crypto::recovery_words(*seed);
  const Result<crypto::Secret<32>> again = crypto::seed_from_words(words.expose());
  BUD_HOLDS(again && equal(again->expose(), seed->expose()));
  // What was typed is a beginning of each word, in its place.
  std::vector<std::string> typed(1);
  for (std::uint8_t c : input) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!typed.back().empty()) typed.emplace_back();
    } else {
      typed.back() += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
  }
  if (typed.back().empty()) typed.pop_back();
  const std::vector<std::string> whole = split(as_text(words.expose()));
  BUD_HOLDS(typed.size() == 24 && whole.size() == 24);
  for (std::size_t i = 0; i < 24; ++i)
    BUD_HOLDS(whole[i] == typed[i] || (typed[i].size() >= 4 && whole[i].starts_with(typed[i])));
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(218);
  seeds.add("words", words_of(random));
  seeds.add("zeros", crypto::recovery_words({}).expose());
  seeds.add("wrong-checksum", std::string(as_text(crypto::recovery_words({}).expose())).substr(0, 92) + "abandon");
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
