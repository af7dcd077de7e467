#include "vault/passphrase.h"

#include "store/folder.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace bud::vault {
namespace {

using Steady = std::chrono::steady_clock;

// True once a read would not block.
Result<> wait_for(int descriptor, Steady::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    const int ready = poll(&wanted, 1, left > 0 ? static_cast<int>(left) : 0);
    if (ready > 0) return {};
    if (ready == 0) return fail(Errc::busy, "the passphrase did not come: write it and close the pipe before asking");
    if (errno != EINTR) return store::fail_errno("wait for the passphrase", errno);
  }
}

}  // namespace

Result<crypto::SecretBytes> read_passphrase(int descriptor, Duration patience) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(patience.ms);
  crypto::SecretBytes text(max_passphrase + 2);  // a newline, and a byte too many
  std::size_t got = 0;
  while (got < text.size()) {
    BUD_CHECK(wait_for(descriptor, deadline));
    const ssize_t n = read(descriptor, text.expose_mutable().data() + got, text.size() - got);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return store::fail_errno("read the passphrase", errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.truncate(got);
  if (got > 0 && text.expose()[got - 1] == '\n') text.truncate(got - 1);
  if (text.empty()) return fail(Errc::malformed, "the passphrase is empty");
  if (text.size() > max_passphrase) return fail(Errc::too_large, "a passphrase of more than 1024 bytes");
  return text;
}

}  // namespace bud::vault
