#!/usr/bin/python3
"""Do the tests of core and store miss a statement? Deletes one at a time in a copy of the tree, builds, and runs the tests.

  statements.py [--seed N] [--count N] [--sim N] [--list] [--only N]

The statements are drawn by the seed from daemon/core/*.cpp and daemon/store/*.cpp; one without which nothing compiles is
drawn again. Each must be caught, or stand in statements.md with a reason why nothing of it can be seen; exit status 1 where
one is neither. Needs a tree that builds (build/deps filled where the machine has no libsodium of its own).
"""
import argparse
import collections
import glob
import hashlib
import os
import re
import resource
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from planting import ROOT, Copy, run

EXPLAINED = os.path.join(ROOT, "tests", "mutants", "statements.md")
MEMORY = 4 << 30  # bytes that a test may take: a loop that lost its end is to die alone

# By folder: programs that link it, the likeliest to notice first.
TESTS = {
    "daemon/core": ["tests/unit/core/core_test", "tests/vectors/protocol_vectors"],
    "daemon/store": ["tests/unit/store/store_test", "tests/unit/vault/vault_test"],
}
SIMULATOR = "tests/sim/budstikke-sim"

DECLARES = re.compile(
    r"(?:BUD_TRY\(\s*)?(?:static |constexpr |const |using |struct |auto[ &*])"
    r"|BUD_TRY\(\s*[\w:]+(?:<.*?>+)?[ &*]+\w+,"
    r"|(?!return |throw |delete |new |else |goto |case )[\w:]+(?:<[^;=(]*>)?[ &*]+\w+(?:\[\])?(?:, \w+)*\s*[=;({]", re.S)


class Statement:
    def __init__(self, file, function, start, end, source):
        self.file, self.function, self.start, self.end = file, function, start, end
        self.line = source.count("\n", 0, start) + 1
        self.text = " ".join(source[start:end].split())

    def key(self):
        return self.file, self.function, self.text

    def __str__(self):
        text = self.text if len(self.text) < 160 else self.text[:157] + "..."
        return f"{self.file}:{self.line} {self.function}: {text}"


def blanked(source):
    """The same length, with comments, literals and directives as blanks."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group())
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|^[ \t]*#(?:\\\n|[^\n])*', blank, source,
                  flags=re.S | re.M)


class Scope:
    """A pair of braces: statements stand in functions (lambdas too), and in the blocks in them."""

    def __init__(self, kind, function, begin):
        self.kind, self.function, self.begin, self.depth = kind, function, begin, 0
        self.block = self.whole = False  # ends a statement; is all of a function


def opened(scope, head, at):
    """What a brace opens that follows `head`, the code since the last statement of its scope."""
    head = re.sub(r"\s+", " ", head).strip()
    if scope.kind in ("file", "type"):
        if re.match(r"(inline )?namespace\b", head):
            return Scope("file", "", at)
        if re.search(r"\b(struct|class|enum|union)\b[^()]*$", head):
            return Scope("type", "", at)
        name = re.search(r"([\w:~]+|operator\W+)\s*\(", head)
        if name and not head.endswith(("=", ",", "(")):
            return Scope("function", name.group(1), at)
        return Scope("value", "", at)
    if re.search(r"\b(struct|class|enum|union) \w+( final)?$", head):
        return Scope("type", "", at)
    block = head == "" or head.endswith((")", "]", ":")) or re.search(r"\b(else|do|try|mutable|noexcept)$|\) -> [^()]+$", head)
    return Scope("function" if block else "value", scope.function, at)


def statements_of(file):
    with open(os.path.join(ROOT, file), encoding="utf-8") as f:
        source = f.read()
    code, found = blanked(source), []
    scopes = [Scope("file", "", 0)]
    for at, char in enumerate(code):
        scope = scopes[-1]
        if char in "([":
            scope.depth += 1
        elif char in ")]":
            scope.depth -= 1
        elif char == "{":
            inner = opened(scope, code[scope.begin:at], at + 1)
            inner.block = inner.kind != "value" and scope.depth == 0
            inner.whole = inner.kind == "function" and not (scope.kind == "function" and inner.block)
            scopes.append(inner)
        elif char == "}":
            scopes.pop()
            if scope.block:
                scopes[-1].begin = at + 1
        elif char == ";" and scope.depth == 0:
            if scope.kind == "function":
                head = re.match(r"\s*((case [^;?]*?[^:]|default):(?!:)\s*)*", code[scope.begin:at]).end()
                returns = code[scope.begin + head:at].startswith("return ") and scope.whole  # nothing compiles without it
                if scope.begin + head < at and not returns:
                    found.append(Statement(file, scope.function, scope.begin + head, at + 1, source))
            scope.begin = at + 1
    if len(scopes) != 1:
        sys.exit(f"{file}: its braces were not understood")
    return [s for s in found if not DECLARES.match(s.text)]


def drawn(seed):
    """All statements, in the order in which the seed draws them: each by its own lot, so that a change of one file leaves
    the others' where they were."""
    files = sorted(os.path.relpath(f, ROOT) for folder in TESTS for f in glob.glob(os.path.join(ROOT, folder, "*.cpp")))
    every, times = [], collections.Counter()
    for statement in (s for file in files for s in statements_of(file)):
        key = statement.key()
        times[key] += 1
        lot = hashlib.sha256(repr((seed, key, times[key])).encode()).digest()
        every.append((lot, statement))
    return [statement for _, statement in sorted(every, key=lambda e: e[0])]


def explanations():
    """statements.md: a heading for each file, and below it items `function: text` with the reason."""
    found, file = set(), ""
    with open(EXPLAINED, encoding="utf-8") as f:
        for line in f:
            if line.startswith("## "):
                file = line[3:].strip()
            item = re.match(r"- `(\S+): (.+?)`", line)
            if item:
                found.add((file, item.group(1), item.group(2)))
    return found


def within(memory):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class Bench(Copy):
    def __init__(self, scratch, folders, seeds):
        super().__init__(scratch)
        self.seeds = seeds
        # A function that lost its return does not compile; of other warnings a deletion makes many. What is not there and
        # is read all the same ends the test.
        self.configure("-O1 -Werror=return-type -D_GLIBCXX_ASSERTIONS")
        self.must(self.build_command(folders))
        for folder in folders:
            caught = self.caught_by(folder)
            if caught:
                sys.exit(f"a test fails without anything deleted: {caught}")

    def build_command(self, folders):
        programs = [p for f in folders for p in TESTS[f]] + ([SIMULATOR] if self.seeds else [])
        return ["cmake", "--build", self.build, "-j2", "--target"] + [os.path.basename(p) for p in programs]

    def caught_by(self, folder):
        """The first test that fails; nothing where all pass."""
        for program in TESTS[folder]:
            done = run([os.path.join(self.build, program), "--gtest_fail_fast", "--gtest_brief=1"], 240,
                       preexec_fn=within(MEMORY))
            if done is None:
                return os.path.basename(program) + " does not end"
            if done.returncode != 0:
                failed = re.search(r"\[  FAILED  \] ([\w./]+)", done.stdout)
                return failed.group(1) if failed else f"{os.path.basename(program)} ends with {done.returncode}"
        if self.seeds:
            done = run([os.path.join(self.build, SIMULATOR), "--seeds", str(self.seeds)], 600)
            if done is None or done.returncode != 0:
                return "budstikke-sim"
        return None

    def delete(self, statement):
        """Runs the tests without the statement: (does it compile, what caught it)."""
        path, folder = os.path.join(self.tree, statement.file), os.path.dirname(statement.file)
        with open(path, encoding="utf-8") as f:
            source = f.read()
        blank = re.sub(r"[^\n]", "", source[statement.start:statement.end])
        with self.edited([(statement.file, source, source[:statement.start] + blank + source[statement.end:])]):
            built = run(self.build_command([folder]), 1200)
            if built is None or built.returncode != 0:
                return False, None
            return True, self.caught_by(folder)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--count", type=int, default=50)
    args.add_argument("--sim", type=int, default=0, help="seeds of budstikke-sim to run too")
    args.add_argument("--list", action="store_true", help="what would be drawn; it may not all compile")
    args.add_argument("--only", type=int, help="the one of this number in the draw")
    args = args.parse_args()
    os.environ["BUD_CONVERGENCE_HISTORIES"] = "15"  # a tenth of that test: it runs for every statement
    order = list(enumerate(drawn(args.seed), 1))
    if args.list:
        for number, statement in order[:args.count]:
            print(f"{number:3d} {statement}")
        print(f"of {len(order)}")
        return
    if args.only:
        order, args.count = order[args.only - 1:args.only], 1
    known, start = explanations(), time.monotonic()
    tried, survived, explained = 0, [], 0
    with tempfile.TemporaryDirectory(prefix="budstikke-statements-") as scratch:
        bench = Bench(scratch, sorted({os.path.dirname(s.file) for _, s in order}), args.sim)
        print(f"built in {time.monotonic() - start:.0f} s", flush=True)
        for number, statement in order:
            if tried == args.count:
                break
            compiles, caught = bench.delete(statement)
            if not compiles:
                print(f"    does not compile {number:3d} {statement}", flush=True)
                continue
            tried += 1
            if caught:
                print(f"caught   {number:3d} {statement}\n             by {caught}", flush=True)
            elif statement.key() in known:
                explained += 1
                print(f"explained {number:2d} {statement}", flush=True)
            else:
                survived.append((number, statement))
                print(f"SURVIVED {number:3d} {statement}", flush=True)
    print(f"{tried} statements of seed {args.seed}: {tried - explained - len(survived)} caught, {explained} explained in "
          f"statements.md, {len(survived)} survived, {time.monotonic() - start:.0f} s")
    for number, statement in survived:
        print(f"{number:3d} {statement.file}:{statement.line} in {statement.function}\n    {statement.text}")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
