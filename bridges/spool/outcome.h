// How things fail in this bridge: with the ABI's status and words for people.
#pragma once

#include <budstikke/bridge.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <tl/expected.hpp>

namespace spool {

struct Failure {
  bud_status status = BUD_RETRY_LATER;
  std::string words;
};

template <class T = void>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> failure(bud_status status, std::string words) {
  return tl::unexpected<Failure>(Failure{status, std::move(words)});
}
// From errno, right after the call that set it. All of these may pass (a full disk, a mount that is away).
inline tl::unexpected<Failure> errno_failure(const std::string& what) {
  const int e = errno;
  std::string words = what + ": " + std::strerror(e);
  if (e == ENOSPC || e == EDQUOT) words += "; free some space in the spool folder";
  if (e == EACCES || e == EPERM) words += "; see the permissions in the spool's README";
  return failure(BUD_RETRY_LATER, std::move(words));
}

}  // namespace spool
