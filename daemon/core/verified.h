// Objects of a directory that have verified: the same bytes, served again, cost a comparison and no signature.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <functional>
#include <map>

namespace bud::core {

template <class Object>
class Verified {
 public:
  using Decode = std::function<Result<Object>(ByteView)>;
  explicit Verified(Decode decode) : decode_(std::move(decode)) {}

  // Errors are those of `decode`, and are not kept.
  [[nodiscard]] Result<Object> get(const Bytes& bytes) {
    if (const auto known = known_.find(bytes); known != known_.end()) return Object(known->second);
    BUD_TRY(Object object, decode_(bytes));
    if (known_.size() >= most) known_.clear();
    return Object(known_.emplace(bytes, std::move(object)).first->second);
  }

 private:
  static constexpr std::size_t most = 64;  // of 16 KiB at the most
  Decode decode_;
  std::map<Bytes, Object> known_;
};

}  // namespace bud::core
