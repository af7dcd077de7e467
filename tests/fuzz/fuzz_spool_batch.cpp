// The file that carries a batch of copies.
#include "fuzz/support/harness.h"
#include "spool/batch.h"

namespace bud::fuzz {

void run(ByteView input) {
  const spool::Outcome<std::vector<bud_bytes>> copies = spool::decode_batch(input);
  if (!copies) return BUD_HOLDS(copies.error().status == BUD_INVALID && !copies.error().words.empty());
  BUD_HOLDS(!copies->empty() && copies->size() <= spool::max_copies && input.size() <= spool::max_batch_file);
  for (const bud_bytes& copy : *copies) {
    BUD_HOLDS(copy.size > 0 && copy.size <= spool::max_copy);
    BUD_HOLDS(copy.data >= input.data() && copy.data + copy.size <= input.data() + input.size());
  }
  BUD_HOLDS(equal(spool::encode_batch(*copies), input));
}

void write_seeds(Seeds& seeds) {
  const Bytes bytes(300, 7);
  const bud_bytes one[] = {{bytes.data(), 1}}, three[] = {{bytes.data(), 300}, {bytes.data(), 2}, {bytes.data(), 90}};
  seeds.add("one", spool::encode_batch(one));
  seeds.add("three", spool::encode_batch(three));
  const std::vector<bud_bytes> most(spool::max_copies, one[0]);
  seeds.add("hundred", spool::encode_batch(most));
  seeds.add("empty", "BUDSPOOL1\n");
}

}  // namespace bud::fuzz
