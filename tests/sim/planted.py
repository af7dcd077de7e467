#!/usr/bin/python3
"""Does the simulator bite? Plants one bug of tests/sim/planted at a time in a copy of the tree, and runs seeds.

  planted.py [--seeds N] [--only WORD] [--scratch FOLDER] [--list]

First the tree as it is, which must have no violation in so many seeds; then each bug, which must be found within them: the
lowest seed that finds it is told, with the violation's words. Exit status 1 where a bug is not found, or where a patch does
not apply. Needs a tree that builds (build/deps filled where the machine has no libsodium of its own).
"""
import argparse
import contextlib
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLANTED = os.path.join(HERE, "planted")
VIOLATION = re.compile(r"^seed (\d+) \([^)]*\): (.*) \(step \d+ of \d+\)$", re.MULTILINE)


def run(command, seconds, **kwargs):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=seconds, **kwargs)
    except subprocess.TimeoutExpired as late:
        out = late.stdout or b""
        text = out.decode(errors="replace") if isinstance(out, bytes) else out
        return subprocess.CompletedProcess(command, 124, text + f"\nstopped after {seconds} s\n")


def last_lines(done):
    return "    " + "\n    ".join(done.stdout.strip().splitlines()[-15:])


def files_of(top):
    """Paths of the sources below, without what is built and what git keeps."""
    for folder, folders, files in os.walk(top):
        if folder == top:
            folders[:] = [f for f in folders if f not in ("build", ".git")]
            files = [f for f in files if f != ".git"]
        yield from (os.path.relpath(os.path.join(folder, f), top) for f in files)


def copy_tree(to):
    """Only what differs, so that a copy that was kept is not built anew."""
    ours = set(files_of(ROOT))
    for file in set(files_of(to)) - ours:
        os.remove(os.path.join(to, file))
    for file in sorted(ours):
        there = os.path.join(to, file)
        if os.path.exists(there) and filecmp.cmp(os.path.join(ROOT, file), there, shallow=False):
            continue
        os.makedirs(os.path.dirname(there), exist_ok=True)
        shutil.copy(os.path.join(ROOT, file), there)


class Bench:
    """A copy of the tree in a scratch folder, configured once; what ccache knows by the copy's own names is found again."""

    def __init__(self, scratch, seeds, jobs):
        self.tree, self.build = os.path.join(scratch, "tree"), os.path.join(scratch, "build")
        self.seeds, self.jobs = seeds, jobs
        copy_tree(self.tree)
        self.environment = dict(os.environ, CCACHE_BASEDIR=scratch, CCACHE_NOHASHDIR="1")
        configure = ["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     "-DBUD_WERROR=OFF", "-DBUD_DEPS_PREFIX=" + os.path.join(ROOT, "build", "deps")]
        if shutil.which("ccache"):
            configure += ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
        done = run(configure, 600, env=self.environment)
        if done.returncode != 0:
            sys.exit("the copy cannot be configured:\n" + done.stdout)

    def patch(self, file, *options):
        with open(file, encoding="utf-8") as f:
            return run(["patch", "-p1", "--silent", "--no-backup-if-mismatch", *options], 60, cwd=self.tree, stdin=f)

    def make(self):
        command = ["cmake", "--build", self.build, f"-j{self.jobs}", "--target", "budstikke-sim"]
        return run(command, 3600, env=self.environment)

    def first_violation(self):
        """(seed, words) of the lowest seed that finds one; None where none does; else what went wrong, as text."""
        done = run([os.path.join(self.build, "tests/sim/budstikke-sim"), "--seeds", str(self.seeds), "--jobs", str(self.jobs),
                    "--full-plan", "--most-violations", "1"], 3600)
        found = [(int(seed), words) for seed, words in VIOLATION.findall(done.stdout)]
        if found:
            return min(found)
        return None if done.returncode == 0 else f"it ends with {done.returncode} and no violation\n" + last_lines(done)


def try_tree(bench):
    started = time.monotonic()
    done = bench.make()
    if done.returncode != 0:
        sys.exit("the tree does not build:\n" + last_lines(done))
    built = time.monotonic()
    found = bench.first_violation()
    print(f"{'(nothing planted)':36s} {'no violation in ' + str(bench.seeds) + ' seeds' if found is None else f'FAILS: {found}'}, "
          f"{time.monotonic() - built:.0f} s, after {built - started:.0f} s to build", flush=True)
    return found is None


def try_bug(bench, file):
    name, started = file[:-len(".patch")], time.monotonic()
    path = os.path.join(PLANTED, file)
    applied = bench.patch(path, "--forward")
    if applied.returncode != 0:
        sys.exit(f"{name} does not apply:\n" + last_lines(applied))
    try:
        built = bench.make()
        found = bench.first_violation() if built.returncode == 0 else "does not build:\n" + last_lines(built)
    finally:
        undone = bench.patch(path, "--reverse")
        if undone.returncode != 0:
            sys.exit(f"{name} cannot be taken out again:\n" + last_lines(undone))
    took = f"{time.monotonic() - started:.0f} s"
    if isinstance(found, tuple):
        print(f"{name:36s} found by seed {found[0]}, after {found[0]} seed{'s' if found[0] > 1 else ''}, {took}: {found[1]}", flush=True)
        return True
    print(f"{name:36s} {f'NOT FOUND in {bench.seeds} seeds' if found is None else f'FAILS: {found}'}, {took}", flush=True)
    return False


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--seeds", type=int, default=200, help="within which each must be found")
    args.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args.add_argument("--only", metavar="WORD", help="those that have it in their name, and not the tree as it is")
    args.add_argument("--scratch", metavar="FOLDER", help="is kept: the next run builds only what has changed")
    args.add_argument("--list", action="store_true")
    args = args.parse_args()
    bugs = sorted(f for f in os.listdir(PLANTED) if f.endswith(".patch") and (args.only or "") in f)
    if args.list:
        print("\n".join(bugs))
        return
    if not bugs:
        sys.exit("there is no such bug")
    started = time.monotonic()
    kept = args.scratch and os.path.abspath(args.scratch)
    with contextlib.nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="budstikke-planted-") as scratch:
        bench = Bench(scratch, args.seeds, args.jobs)
        sound = args.only is not None or try_tree(bench)
        found = sum([try_bug(bench, bug) for bug in bugs])
    print(f"{found} of {len(bugs)} planted bugs found within {args.seeds} seeds each, {time.monotonic() - started:.0f} s")
    sys.exit(0 if sound and found == len(bugs) else 1)


if __name__ == "__main__":
    main()
