#!/usr/bin/python3
"""Would a secret left in memory be found? Takes out one wiping at a time, or keeps one secret that is to go, and tests.

  memory.py [--only WORD] [--list]

Works on a copy of the tree. Each mistake must be caught by the test that looks for it: tests/unit/crypto looks at what
objects leave where they lay, tests/unit/memory through its own process, tests/integration/memory_test.cpp through a real
daemon. Exit status 1 where one survives. Needs a tree that builds (build/deps filled where the machine has no libsodium of
its own). Takes some 20 minutes.

Not here is what the heap wipes a second time (daemon/wiping_heap.cpp): SecretBytes, and Secrets that lie in a vector.
"""
import argparse
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from planting import Copy, run

PROGRAMS = {"crypto": "tests/unit/crypto/crypto_test", "unit": "tests/unit/memory/memory_test",
            "daemon": "tests/integration/daemon_memory_test"}

# what is left, the test that must find it, and edits: a file of daemon/, text as it stands there (once), text of the mistake
MUTANTS = [
    # --- A wiping that is not done
    ("what went into a hash", "crypto", [
        ("crypto/hash.cpp", "Hasher::~Hasher() { sodium_memzero(state_, sizeof state_); }", "Hasher::~Hasher() {}")]),
    ("what randomness handed out", "unit", [
        ("crypto/random.cpp", "  wipe(part);\n  used_ += out.size();", "  used_ += out.size();")]),
    ("what seeded randomness handed out", "unit", [
        ("crypto/random.cpp", "    wipe(part);\n    used_ += n;", "    used_ += n;")]),
    ("the stack of Argon2id", "unit", [("crypto/password.cpp", "  wipe_stack();", "")]),
    ("the stack, as deep as it is used", "unit", [
        ("crypto/secret.cpp", "  sodium_stackzero(128 * 1024);\n", "  sodium_stackzero(32 * 1024);\n")]),
    ("the vector registers", "unit", [("crypto/secret.cpp", "  wipe_vector_registers();\n}", "}")]),
    ("the stack of a thread", "unit", [("service/background.cpp", "    crypto::wipe_stack();", "    //")]),
    ("a slot of the arena", "unit", [
        ("crypto/arena.cpp",
         "  wipe(ByteSpan(arena_->base_ + slot_ * Arena::slot_size, Arena::slot_size));\n", "")]),
    ("the arena, in a core dump", "unit", [
        ("crypto/arena.cpp", "sodium_malloc(slot_size * slots)", "std::malloc(slot_size * slots)"),
        ("crypto/arena.cpp", "sodium_free(base_)", "std::free(base_)"),
        ("crypto/arena.cpp", "#include <utility>", "#include <cstdlib>\n#include <utility>")]),
    ("an expanded KEM key, once made", "unit", [
        ("crypto/kem.cpp",
         "  Secret<crypto_kem_mlkem768_SECRETKEYBYTES> expanded;\n"
         "  if (crypto_kem_mlkem768_seed_keypair(pub.bytes.data(), expanded.expose_mutable().data(), seed.expose().data()) != 0)",
         "  std::array<std::uint8_t, crypto_kem_mlkem768_SECRETKEYBYTES> expanded;\n"
         "  if (crypto_kem_mlkem768_seed_keypair(pub.bytes.data(), expanded.data(), seed.expose().data()) != 0)")]),
    ("an expanded KEM key, once used", "unit", [
        ("crypto/kem.cpp",
         "  Secret<crypto_kem_mlkem768_SECRETKEYBYTES> expanded;\n  Secret<32> shared;",
         "  struct : std::array<std::uint8_t, crypto_kem_mlkem768_SECRETKEYBYTES> {\n"
         "    ByteSpan expose_mutable() { return *this; }\n    ByteView expose() const { return *this; }\n"
         "  } expanded;\n  Secret<32> shared;")]),
    ("a block of the heap", "unit", [("wiping_heap.cpp", "  wipe(block);\n  __libc_free(block);", "  __libc_free(block);")]),
    ("the end of a block that was cut", "unit", [
        ("wiping_heap.cpp", "    ::explicit_bzero(static_cast<char*>(block) + size, before - size);\n", "")]),
    ("the daemon's heap", "daemon", [
        ("wiping_heap.cpp", "  wipe(block);\n  __libc_free(block);", "  __libc_free(block);")]),
    ("the daemon's stack", "daemon", [("service/daemon.cpp", "[] { crypto::wipe_stack(); }", "[] {}")]),
    ("the arena, after Lock", "daemon", [
        ("crypto/arena.cpp",
         "  wipe(ByteSpan(arena_->base_ + slot_ * Arena::slot_size, Arena::slot_size));\n", ""),
        ("crypto/arena.cpp", "{ sodium_free(base_); }", "{}")]),
    # --- A secret that outlives its use
    ("the passphrase", "daemon", [
        ("vault/vault.cpp", "  BUD_TRY(const crypto::Secret<32> derived, ",
         "  static std::vector<crypto::SecretBytes> kept;\n"
         "  kept.push_back(crypto::SecretBytes::copy_of(passphrase.expose()));\n"
         "  BUD_TRY(const crypto::Secret<32> derived, ")]),
    ("Argon2id's key", "daemon", [
        ("vault/vault.cpp", "  return wrapping_key(derived.expose());",
         "  static std::vector<crypto::Secret<32>> kept;\n  kept.push_back(derived.clone());\n"
         "  return wrapping_key(derived.expose());")]),
    ("the master key", "daemon", [
        ("service/core_host.cpp", "  if (running()) return {};\n  Result<> done = open(master);",
         "  static crypto::Secret<32> kept;\n  kept = master.clone();\n  Result<> done = open(master);")]),
    ("the identity key", "daemon", [
        ("core/context.cpp", "  device_ = signing().id();",
         "  static crypto::Secret<32> kept;\n  kept = row.identity.clone();\n  device_ = signing().id();")]),
    ("the signing key", "daemon", [
        ("core/context.cpp", "  device_ = signing().id();",
         "  static crypto::SigningKey kept = signing().clone();\n  device_ = kept.id();")]),
    ("a prekey", "daemon", [
        ("core/prekeys.cpp", "  row.only_for = only_for;",
         "  static std::vector<crypto::Secret<32>> kept;\n  kept.push_back(row.dh.clone());\n  row.only_for = only_for;")]),
    ("chain keys", "daemon", [
        ("core/session/ratchet.cpp", "  Secret<64> out;\n  crypto::Hasher(label::ratchet_chain,",
         "  static std::vector<Secret<32>> kept;\n  kept.push_back(chain.clone());\n"
         "  Secret<64> out;\n  crypto::Hasher(label::ratchet_chain,")]),
    ("keys of sealed copies", "daemon", [
        ("core/session/ratchet.cpp", "  ChainKeys keys = step_chain(s.sending->key);\n",
         "  ChainKeys keys = step_chain(s.sending->key);\n"
         "  static std::vector<Secret<32>> kept;\n  kept.push_back(keys.message.clone());\n")]),
    ("keys of opened copies", "daemon", [
        ("core/session/ratchet.cpp", "  return crypto::open(key, copy.nonce,",
         "  static std::vector<Secret<32>> kept;\n  kept.push_back(key.clone());\n  return crypto::open(key, copy.nonce,")]),
    ("the recovery words", "daemon", [
        ("crypto/words.cpp", "SecretBytes recovery_words(const Secret<32>& seed) {\n",
         "SecretBytes recovery_words(const Secret<32>& seed) {\n"
         "  static Secret<32> kept;\n  kept = seed.clone();\n")]),
    ("a text that is sent", "daemon", [
        ("service/thread.cpp", "  if (text.empty()) return fail(",
         "  static std::vector<std::string> kept;\n  kept.push_back(text);\n  if (text.empty()) return fail(")]),
    # --- Who may look
    ("a core dump", "daemon", [("main.cpp", "  (void)::setrlimit(RLIMIT_CORE, &no_core);", "  (void)no_core;")]),
    ("the memory, to other programs", "daemon", [("main.cpp", "  (void)::prctl(PR_SET_DUMPABLE, 0);\n", "")]),
    # Last: nearly everything is built anew.
    ("a Secret on the stack", "crypto", [("crypto/secret.h", "  ~Secret() { wipe(bytes_); }", "  ~Secret() {}")]),
]


class Bench(Copy):
    def __init__(self, scratch):
        super().__init__(scratch)
        self.configure()
        self.make([os.path.basename(p) for p in PROGRAMS.values()])
        for name in PROGRAMS:
            if self.caught_by(name):
                sys.exit(f"the {name} test fails without any mistake planted")

    def caught_by(self, name):
        """The test that fails, and what it says that it found; nothing where all pass."""
        done = run([os.path.join(self.build, PROGRAMS[name]), "--gtest_fail_fast", "--gtest_brief=1"], 300)
        if done is None:
            return "does not end"
        if done.returncode == 0:
            return None
        failed = re.search(r"\[  FAILED  \] ([\w.]+)", done.stdout)
        found = re.search(r'([^"\\\n]+): \d+ pieces of it', done.stdout)
        return (failed.group(1) if failed else f"ends with {done.returncode}") + (f": {found.group(1).strip()}" if found else "")

    def plant(self, name, edits):
        """Runs the test with the mistake in place; returns what caught it."""
        with self.edited([(os.path.join("daemon", file), old, new) for file, old, new in edits]):
            self.make([os.path.basename(PROGRAMS[name])])
            return self.caught_by(name)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--only", default="", help="mistakes whose name holds this word")
    args.add_argument("--list", action="store_true")
    args = args.parse_args()
    chosen = [m for m in MUTANTS if args.only in m[0]]
    if args.list:
        print("\n".join(m[0] for m in chosen))
        return
    survived, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="budstikke-mutants-") as scratch:
        bench = Bench(scratch)
        for name, program, edits in chosen:
            caught = bench.plant(program, edits)
            survived += not caught
            print(f"{'caught  ' if caught else 'SURVIVED'} {name:34s} {program:6s} {caught or '-'}", flush=True)
    print(f"{len(chosen)} mistakes, {survived} survived, {time.monotonic() - start:.0f} s")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
