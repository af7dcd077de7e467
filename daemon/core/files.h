// Files that go out, between the core, which knows no file, and who seals and carries them (daemon/blobs). They hold
// keys.
#pragma once

#include "crypto/secret.h"
#include "wire/bodies.h"

namespace bud::core {

struct NewFile {
  std::string staged;         // the name of its sealed bytes: 32 hexadecimal digits, drawn for them
  wire::File file;            // as it is to be sent: key, hash and size are filled in, locations are not
  crypto::SecretBytes plain;  // all of it where it is at most wire::max_inlined, else empty
};
struct NewAttachment {
  ThreadId thread;
  std::string caption;
  std::string idempotency_key;
  std::vector<NewFile> files;
};

// A staged file that a bridge is to take.
struct Upload {
  MessageId message;
  std::string staged;
  std::uint64_t total = 0;  // sealed bytes
};

// What is sealed of a file of this size: padded, and in chunks.
[[nodiscard]] std::uint64_t sealed_blob_size(std::uint64_t size);

}  // namespace bud::core
