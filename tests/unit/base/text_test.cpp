#include "base/text.h"

#include "base/bytes.h"

#include <gtest/gtest.h>

namespace bud {
namespace {

bool valid(std::string_view hex) {
  return valid_text(as_text(from_hex(hex).value()));
}

TEST(Text, IsUtf8WithoutNul) {
  for (const char* good : {"", "41", "626cc3a5", "c280", "dfbf", "e0a080", "e282ac", "ed9fbf", "ee8080", "efbfbf",
                           "f0908080", "f09f9492", "f48fbfbf"})
    EXPECT_TRUE(valid(good)) << good;
  // NUL, stray and missing continuations, overlong forms, surrogates, beyond U+10FFFF, bytes that are never UTF-8.
  for (const char* bad :
       {"00",     "4100",   "610062",   "80",       "bf",       "c2",       "c3",     "c241", "c328",
        "c080",   "c0af",   "c1bf",     "e0a0",     "e282",     "e08080",   "e09fbf", "eda0", "eda080",
        "edbfbf", "f09080", "f0808080", "f08fbfbf", "f4908080", "f5808080", "fe",     "ff",   "f8888080"})
    EXPECT_FALSE(valid(bad)) << bad;
}

}  // namespace
}  // namespace bud
