// A lying directory, for a spool: puts the record of a device that nobody vouches for under somebody's address.
//   ghost_record SPOOL ADDRESS     (the address without "spool:")
//
// The record is the best that a server can make: signed by the ghost's own key, with good prekeys, the account's true id,
// and its true ledger and claim as the other records there show them. Only the one thing is lacking that the server
// cannot make: an entry in which a device of the account grants the ghost's key. Prints the ghost's device id and its
// name on the spool.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "crypto/random.h"
#include "support/scratch_folder.h"
#include "wire/record.h"

using namespace bud;
namespace fs = std::filesystem;

namespace {

Result<wire::Record> any_record(const fs::path& folder) {
  std::error_code failed;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, failed)) {
    auto record = wire::decode_and_verify_record(test::read_file(file.path()));
    if (record) return record;
  }
  return fail(Errc::not_found, "no device's record in " + folder.string());
}

Bytes invent(const wire::Record& real, const std::string& name, Random& random) {
  const auto signing = crypto::SigningKey::generate(random);
  wire::RecordBody body = real.body;
  body.device = signing.id();
  body.bundle.dh = crypto::DhKey::generate(random).public_key();
  body.bundle.kem = crypto::KemKey::generate(random).public_key();
  body.bundle.id ^= 1;
  body.routes = {{real.body.address, name}};
  std::printf("%s %s\n", to_hex(body.device.view()).c_str(), name.c_str());
  return wire::sign_record(body, signing);
}

Result<> run(const fs::path& spool, const std::string& address) {
  crypto::initialize();
  crypto::SystemRandom random;
  const fs::path folder = spool / "directory" / address;
  BUD_TRY(const wire::Record real, any_record(folder));
  Bytes drawn(8);
  random.fill(drawn);
  const std::string name = to_hex(drawn);
  const fs::path draft = spool / "tmp" / name;
  test::write_file(draft, invent(real, name, random));
  fs::rename(draft, folder / name);  // as a bridge would: never half a record
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: ghost_record SPOOL ADDRESS\n");
    return 64;
  }
  try {
    const Result<> done = run(argv[1], argv[2]);
    if (done) return 0;
    std::fprintf(stderr, "ghost_record: %s\n", done.error().text.c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "ghost_record: %s\n", e.what());
  }
  return 1;
}
