// 32 bytes as 24 words and back: BIP-39, English, with its checksum of 8 bits. For the recovery words on paper.
#pragma once

#include "base/result.h"
#include "crypto/secret.h"

namespace bud::crypto {

// Lower case, single spaces.
[[nodiscard]] SecretBytes recovery_words(const Secret<32>& seed);

// As people type them: any case, any white space between, the first four letters enough. Errc::malformed names the place
// of a word that is none; Errc::wrong_secret where all are words and the checksum does not fit.
[[nodiscard]] Result<Secret<32>> seed_from_words(ByteView words);

}  // namespace bud::crypto
