// The answer that a method call is still owed.
#pragma once

#include "bus/message.h"

namespace bud::bus {

// Answers exactly once. Kept, it lets a handler answer later, from any callback of the loop; dropped unanswered, it
// answers org.budstikke.Error.Failed, so that no caller waits for its timeout because of a forgotten path. The caller
// may have left meanwhile: the answer then goes nowhere, which is no error.
class [[nodiscard]] Reply {
 public:
  explicit Reply(Message call) : call_(std::move(call)) {}
  ~Reply() { drop(); }
  Reply(Reply&& other) noexcept = default;
  Reply& operator=(Reply&& other) noexcept {
    if (this != &other) {
      drop();
      call_ = std::move(other.call_);
    }
    return *this;
  }

  bool pending() const { return static_cast<bool>(call_); }

  void ok() {
    ok([](Writer&) {});
  }
  // `write` appends the out arguments. Where they cannot be written the caller gets that error instead.
  void ok(const std::function<void(Writer&)>& write);
  void fail(const Error& error);
  // ok() or fail().
  void finish(const Result<>& result) { result ? ok() : fail(result.error()); }

 private:
  void drop() noexcept;
  Message call_;
};

}  // namespace bud::bus
