#!/usr/bin/python3
"""Would the fuzz targets find a mistake? Plants one at a time in a parser that a target covers, and runs that target.

  fuzz.py [--only WORD] [--seconds N] [--list]

Works on a copy of the tree, with the preset fuzz and from the tree's seeds alone: no corpus that has grown elsewhere
helps. Each mistake must be found; exit status 1 where one is not. Printed is after how many runs and seconds, and what did
not hold: "seeds" where the seeds themselves show it, "set-up" where the target does not get as far as them. Needs clang 16
(packaging/install-deps --fuzz). Takes some twenty minutes, most of them to build.
"""
import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from planting import DEPS, Copy, run

SECONDS = 60  # how long a target may look for one

# target, what is wrong, file, text as it stands there (once), text of the mistake
MUTANTS = [
    # --- objects of the wire
    ("codec", "a long length may be a small number", "daemon/wire/codec.cpp", "(width == 4 && n >= 0x4000)", "width == 4"),
    ("codec", "half a surrogate pair is text", "daemon/base/text.cpp",
     "first == 0xED && second > 0x9F", "first == 0xED && second > 0xBF"),
    ("entries", "nobody need have signed a claim", "daemon/wire/entry.cpp",
     "if (!crypto::verify(e.body.signer, label::entry_sign, e.body_bytes, e.signature))",
     "if (e.body.kind != claim && !crypto::verify(e.body.signer, label::entry_sign, e.body_bytes, e.signature))"),
    ("entries", "a list of keep-heads without bound", "daemon/wire/entry.cpp",
     "r.list(max_keep * EntryHash::size, max_keep,", "r.list(max_entry, max_entry,"),
    ("ledger", "proof hangs in the air", "daemon/core/ledger/evaluate.cpp", "      proof_[up] = 1;\n", "      proof_[up] = 0;\n"),
    ("ledger", "the memory forgets", "daemon/core/ledger/memory.cpp",
     "  std::map<DeviceId, std::size_t> by_signer;\n", "  pinned.clear();\n  std::map<DeviceId, std::size_t> by_signer;\n"),
    ("roster", "a list of keep-heads without bound", "daemon/wire/roster.cpp",
     "r.list(max_keep * EntryHash::size, max_keep,", "r.list(max_roster_entry, max_roster_entry,"),
    ("roster", "a name for ever", "daemon/core/roster.cpp",
     "    if (at.first - roster.name_number > max_name_step) continue;\n", ""),
    ("record", "entries of other accounts", "daemon/wire/record.cpp", "e && e->account() == b.account)", "e)"),
    ("content", "any byte says that it needs to be known", "daemon/wire/content.cpp", "c.needs = r.flag();",
     "c.needs = r.u8() != 0;"),
    ("plaintext", "padding that says something", "daemon/wire/plaintext.cpp",
     "!std::all_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b == 0; })",
     "!std::all_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b < 128; })"),
    # --- sessions
    ("handshake", "a session's id is whatever its header says", "daemon/core/session/handshake.cpp",
     "if (!equal(header.session.view(), t0.view().first(SessionId::size)))", "if (header.session.is_zero())"),
    ("handshake", "a signing key of low order", "daemon/core/session/handshake.cpp",
     "  BUD_CHECK(crypto::check_signing_public(i.device));\n", ""),
    ("copy", "an offered key is taken unseen", "daemon/core/session/ratchet.cpp",
     " && crypto::check_kem_public(h.offer->key)) s.peer_offer", ") s.peer_offer"),
    ("copy", "what does not open uses up a key", "daemon/core/session/ratchet.cpp", "  if (plain) s.skipped.erase(k);",
     "  s.skipped.erase(k);"),
    ("ratchet", "a skipped key opens twice", "daemon/core/session/ratchet.cpp", "  if (plain) s.skipped.erase(k);\n", ""),
    ("ratchet", "the keys before a new chain are lost", "daemon/core/session/ratchet.cpp",
     "  if (left > 0) (void)skip(", "  if (left > 2) (void)skip("),
    # --- the core as a whole
    ("inbox", "anybody writes in anybody's name", "daemon/core/conversations.cpp", "c.author != from || ", ""),
    ("inbox", "any code of six digits lets a device in", "daemon/core/joining.cpp",
     "return crypto::equal_constant_time(as_bytes(a), as_bytes(b));", "return a.size() == b.size();"),
    ("directory", "an address leads to who was served last", "daemon/core/directory.cpp",
     "    row.reset = true;\n", "    row.account = *matched.begin();\n"),
    # --- what lies on disk
    ("rows", "any byte says that there is one", "daemon/core/rows.cpp", "  if (!r.flag()) return std::nullopt;",
     "  if (r.u8() == 0) return std::nullopt;"),
    ("store_file", "a damaged row is an empty one", "daemon/store/row_sealer.cpp",
     'return fail(Errc::damaged, "a row of the store is damaged and is left out");', "return crypto::SecretBytes();"),
    ("vault_file", "a vault that takes years to open", "daemon/vault/vault_file.cpp",
     "file.cost.passes > max_passes || ", ""),
    # --- what people type
    ("words", "three letters of a word are enough", "daemon/crypto/words.cpp", "word.size() >= 4", "word.size() >= 3"),
    ("passphrase", "a byte too many", "daemon/vault/passphrase.cpp",
     "text.size() > max_passphrase)", "text.size() > max_passphrase + 1)"),
    ("cli_config", "what stands behind the object", "dbus/cli/json.cpp", "rapidjson::kParseIterativeFlag |",
     "rapidjson::kParseStopWhenDoneFlag | rapidjson::kParseIterativeFlag |"),
    ("cli_text", "marks that turn a line", "dbus/cli/text.cpp", "in(c, 0x200E, 0x200F) || ", ""),
    # --- the spool
    ("spool_names", "a batch's name without its dash", "bridges/spool/names.cpp", "name[15] == '-' &&", ""),
    ("spool_batch", "a copy that ends behind its file", "bridges/spool/batch.cpp",
     "if (file.size() < size)", "if (file.size() + 1 < size)"),
    ("spool_config", "a folder below wherever the daemon runs", "bridges/spool/config.cpp",
     "config.folder.front() != '/'", "config.folder.find('/') == std::string::npos"),
    ("spool_folder", "a mailbox with two readers", "bridges/spool/mailbox.cpp", "LOCK_EX | LOCK_NB", "LOCK_SH | LOCK_NB"),
    ("spool_folder", "an empty file is a record", "bridges/spool/directory.cpp", "        info.st_size > 0 && ", "        "),
    # --- D-Bus
    ("bus_message", "a list one longer than allowed", "dbus/bus/message.cpp", "++n > max_elements", "n++ > max_elements"),
    ("service", "an empty message is a fault inside", "daemon/service/thread.cpp",
     'Errc::malformed, "there is no text"', 'Errc::internal, "there is no text"'),
    ("bridge_host", "a status that no bridge knows", "daemon/bridging/io/process_worker_calls.cpp",
     "  if (answer.status > BUD_INVALID) answer.status = BUD_UNKNOWN_OUTCOME;\n", ""),
    ("bridge_worker", "DEL on a line of the log", "plugin_api/host/text.cpp", " || c == 0x7f", ""),
]


class Bench(Copy):
    """With preset fuzz, and how ctest there would run each target."""

    def __init__(self, scratch, targets):
        super().__init__(scratch, os.path.join("tree", "build", "fuzz"))
        self.must(["cmake", "--preset", "fuzz", "-DBUD_WERROR=OFF", DEPS])
        tests = json.loads(self.must(["ctest", "--preset", "fuzz", "-L", "fuzz", "--show-only=json-v1"]))["tests"]
        self.commands = {t["name"].removeprefix("fuzz."): t["command"] for t in tests if "command" in t}
        self.make_targets(targets)

    def make_targets(self, targets):
        self.make([f"fuzz_{t}" for t in targets])

    def found_by(self, target, seconds):
        """What the target says that it found, and after how many runs; nothing where it found nothing."""
        work = os.path.join(self.build, "tests", "fuzz")
        log = os.path.join(work, f"{target}.log")
        shutil.rmtree(os.path.join(work, "corpus", target), ignore_errors=True)
        if os.path.exists(log):
            os.remove(log)
        started = time.monotonic()
        done = run(self.commands[target], seconds + 300, env={**os.environ, "BUD_FUZZ_SECONDS": str(seconds)}, cwd=work)
        took = time.monotonic() - started
        if done is not None and done.returncode == 0:
            return None
        if done is None or not os.path.exists(log):
            return f"it does not run: {done.stdout.strip().splitlines()[-1] if done and done.stdout.strip() else 'no end'}"
        with open(log, encoding="utf-8", errors="replace") as f:
            text = f.read()
        says = re.search(r"DOES NOT HOLD: (?:\S*/)?(.*)|(terminate called .*)|ERROR: (.*?) on |(\S+: runtime error: .*)"
                         r"|(ERROR: libFuzzer: .*)", text)
        runs = re.search(r"^stat::number_of_executed_units:\s*(\d+)", text, re.MULTILINE)
        seeds = len(os.listdir(os.path.join(self.tree, "tests", "fuzz", "seeds", target)))
        count = int(runs.group(1)) if runs else 0
        what = next(g for g in says.groups() if g) if says else "ends"
        when = "(set-up)" if count == 0 else "(seeds)" if count <= seeds + 1 else ""
        return f"{count:8d} runs, {took:5.1f} s {when:8s} {what[:100]}"

    def plant(self, target, file, old, new, seconds):
        with self.edited([(file, old, new)]):
            self.make_targets([target])
            return self.found_by(target, seconds)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--only", default="", help="mistakes whose target or name holds this word")
    args.add_argument("--seconds", type=int, default=SECONDS)
    args.add_argument("--list", action="store_true")
    args = args.parse_args()
    chosen = [m for m in MUTANTS if args.only in m[0] or args.only in m[1]]
    if args.list:
        print("\n".join(f"{m[0]:14s} {m[1]}" for m in chosen))
        return
    survived, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="budstikke-mutants-") as scratch:
        bench = Bench(scratch, sorted({m[0] for m in chosen}))
        for target, name, file, old, new in chosen:
            found = bench.plant(target, file, old, new, args.seconds)
            survived += not found
            print(f"{'found   ' if found else 'SURVIVED'} {target:13s} {name:43s} {found or '-'}", flush=True)
    print(f"{len(chosen)} mistakes for {len({m[0] for m in chosen})} targets, {survived} survived, "
          f"{time.monotonic() - start:.0f} s")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
