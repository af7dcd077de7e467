// A passphrase out of a descriptor: as the daemon reads it from a client, and as the command line reads it from a file.
// What both take they read alike.
#include "client/secret_buffer.h"
#include "fuzz/support/harness.h"
#include "vault/passphrase.h"

#include <sys/mman.h>

namespace bud::fuzz {
namespace {

UniqueFd file_with(ByteView bytes) {
  UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  BUD_HOLDS(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  BUD_HOLDS(::lseek(fd.get(), 0, SEEK_SET) == 0);
  return fd;
}

}  // namespace

void run(ByteView input) {
  const bool newline = !input.empty() && input.back() == '\n';
  const ByteView line = input.first(input.size() - (newline ? 1 : 0));
  const UniqueFd fd = file_with(input);
  const Result<crypto::SecretBytes> text = vault::read_passphrase(fd.get(), seconds(1));
  if (text)
    BUD_HOLDS(equal(text->expose(), line) && !text->empty() && text->size() <= vault::max_passphrase);
  else
    BUD_HOLDS(text.error().code == (line.empty() ? Errc::malformed : Errc::too_large));
  BUD_HOLDS(text.has_value() == (!line.empty() && line.size() <= vault::max_passphrase));

  const UniqueFd again = file_with(input);
  Result<client::SecretBuffer> client = client::SecretBuffer::read(again.get());
  BUD_HOLDS(client.has_value() == (input.size() <= client::SecretBuffer::capacity));
  if (!client) return BUD_HOLDS(client.error().code == Errc::too_large);
  client->drop_newline();
  BUD_HOLDS(client->expose() == as_text(line));
  if (text) BUD_HOLDS(client->expose() == as_text(text->expose()));
  const UniqueFd out = file_with({});
  BUD_HOLDS(client->write_to(out.get()).has_value() &&
            ::lseek(out.get(), 0, SEEK_CUR) == static_cast<off_t>(line.size()));
}

void write_seeds(Seeds& seeds) {
  seeds.add("short", "correct horse battery staple");
  seeds.add("line", "correct horse battery staple\n");
  seeds.add("two-lines", "one\ntwo\n");
  seeds.add("newline", "\n");
  for (const std::size_t n : {1024u, 1025u, 1026u}) seeds.add("x-" + std::to_string(n), std::string(n, 'x'));
  seeds.add("x-1024-line", std::string(1024, 'x') + '\n');
}

}  // namespace bud::fuzz
