// A disk that fails on demand: SQLite's own file layer, with the nth writing call refused.
#pragma once

#include <sqlite3.h>

namespace bud::test {

// While it lives, it is SQLite's default layer. One at a time.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The nth writing call from now (write, sync, truncate; 1: the next) fails with `code`; all after it as well where
  // `lasting`, until heal().
  void fail(int nth, int code, bool lasting);
  void heal();
  int calls() const;  // since the last fail() or heal()
};

}  // namespace bud::test
