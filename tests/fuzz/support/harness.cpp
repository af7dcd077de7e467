#include "fuzz/support/harness.h"

#include "crypto/random.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bud::fuzz {

void broken(const char* file, int line, const char* what) {
  std::fprintf(stderr, "DOES NOT HOLD: %s:%d: %s\n", file, line, what);
  std::abort();
}

void Seeds::add(std::string_view name, ByteView bytes) {
  std::ofstream out(folder_ + '/' + std::string(name), std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) broken(folder_.c_str(), 0, "a seed can be written");
}

}  // namespace bud::fuzz

extern "C" void __llvm_profile_reset_counters(void);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view option = "--write-seeds=";
  bud::crypto::initialize();
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word = (*argv)[i];
    if (!word.starts_with(option)) continue;
    bud::fuzz::Seeds seeds{std::string(word.substr(option.size()))};
    bud::fuzz::write_seeds(seeds);
    std::exit(0);
  }
  // What a target sets up is no part of what its corpus covers.
  bud::fuzz::run({});
  __llvm_profile_reset_counters();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bud::fuzz::run({data, size});
  return 0;
}
