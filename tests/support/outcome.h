// What a Result came to, for comparing. error() of a Result that holds a value is undefined, and likes to look like the
// first Errc: tests ask this instead.
#pragma once

#include "base/result.h"

#include <optional>

namespace bud::test {

// nullopt where it succeeded.
template <class T>
std::optional<Errc> code(const Result<T>& result) {
  return result ? std::nullopt : std::optional<Errc>(result.error().code);
}

}  // namespace bud::test
