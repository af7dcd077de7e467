// The one error contract of the project.
//
// A function that can fail for a reason outside the program's control returns Result<T> and is [[nodiscard]] by type.
// Nothing is thrown for hostile input; exceptions are left to what the standard library throws when memory ends.
// An Errc says what the caller can do about it; the text is for a person and never carries a secret or plaintext.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace bud {

enum class Errc {
  malformed,      // bytes that are not an encoding of what was asked for
  too_large,      // over a bound that the caller can know
  bad_key,        // a public key or point that is refused (low order, not canonical)
  bad_signature,  // a signature that does not verify
  cannot_open,    // authenticated decryption failed; deliberately says no more
  not_found,
  not_allowed,    // understood, and refused
  conflict,       // already exists, or changed meanwhile
  locked,         // the vault is locked
  wrong_secret,   // passphrase or code does not fit
  damaged,        // stored bytes fail authentication, or contradict each other
  storage,        // the disk said no (full, read-only, gone)
  offline,        // a bridge or server did not answer
  busy,           // another process has it, or try later
  unsupported,    // a version or kind that this program does not know
  internal,       // a bug of ours
  // Answers to a person that have a D-Bus error of their own:
  no_such_address,   // the directory answered, and knows nobody there
  untrusted_device,  // the account's ledger does not list the device, or no longer
  not_approved,      // waits for a person's consent on another device
};

struct Error {
  Errc code;
  std::string text;
};

template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string_view text) {
  return tl::unexpected<Error>(Error{code, std::string(text)});
}

// Forwards the error of a failed Result of any type.
template <class T>
[[nodiscard]] tl::unexpected<Error> forward(Result<T>& failed) {
  return tl::unexpected<Error>(std::move(failed.error()));
}

}  // namespace bud

// Evaluates an expression of type Result<T>; returns its error from the calling function, or binds its value.
#define BUD_CONCAT_(a, b) a##b
#define BUD_CONCAT(a, b) BUD_CONCAT_(a, b)
#define BUD_TRY_(tmp, decl, ...)                                       \
  auto tmp = (__VA_ARGS__);                                            \
  if (!tmp) return ::tl::unexpected<::bud::Error>(std::move(tmp.error())); \
  decl = std::move(*tmp)
#define BUD_TRY(decl, ...) BUD_TRY_(BUD_CONCAT(bud_try_, __LINE__), decl, __VA_ARGS__)
#define BUD_CHECK(...)                                                                     \
  do {                                                                                     \
    auto bud_check_ = (__VA_ARGS__);                                                       \
    if (!bud_check_) return ::tl::unexpected<::bud::Error>(std::move(bud_check_.error())); \
  } while (false)
