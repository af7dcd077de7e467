#include "bridging/backoff.h"

namespace bud::bridging {

Duration Backoff::next(Duration at_least) {
  std::uint64_t window = first_.ms;
  for (unsigned i = 0; i < attempts_ && window < longest_.ms; ++i) window *= 2;
  if (window < longest_.ms) ++attempts_;
  window = std::max<std::uint64_t>(std::min(window, longest_.ms), 2);
  std::array<std::uint8_t, 8> bytes{};
  random_.fill(bytes);
  std::uint64_t drawn = 0;
  std::memcpy(&drawn, bytes.data(), bytes.size());
  // The remainder's bias is of no consequence here.
  return {at_least.ms + window / 2 + drawn % (window - window / 2 + 1)};
}

}  // namespace bud::bridging
