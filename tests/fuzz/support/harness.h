// What every target is: a function of one input, and the seeds that it starts from.
//
// A target says what has to hold, not only that nothing crashes: BUD_HOLDS ends the program, which libFuzzer takes for
// a finding. Nothing in a run is random or remembered from the run before it: the same input gives the same run.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>

namespace bud::fuzz {

[[noreturn]] void broken(const char* file, int line, const char* what);
#define BUD_HOLDS(...) ((__VA_ARGS__) ? void() : ::bud::fuzz::broken(__FILE__, __LINE__, #__VA_ARGS__))

// For what the target itself needs and was made so that it works.
template <class T>
T must(Result<T> result) {
  if (!result) broken("a target's own", 0, result.error().text.c_str());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
template <class T>
bool failed_with(const Result<T>& result, Errc code) {
  return !result && result.error().code == code;
}

class Seeds {
 public:
  explicit Seeds(std::string folder) : folder_(std::move(folder)) {}
  void add(std::string_view name, ByteView bytes);
  void add(std::string_view name, std::string_view text) { add(name, as_bytes(text)); }

 private:
  std::string folder_;
};

// --- what a target defines ---

// One input.
void run(ByteView input);
// What seeds/<target> holds: the same bytes whenever it is called. (`fuzz_x --write-seeds=DIR` writes them.)
void write_seeds(Seeds& seeds);

}  // namespace bud::fuzz
