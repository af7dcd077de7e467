"""A copy of the tree in which something is changed for a while, built, and asked about: for tests/mutants."""
import contextlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEPS = "-DBUD_DEPS_PREFIX=" + os.path.join(ROOT, "build", "deps")


def run(command, seconds, **options):
    """None: it did not end within so many seconds, and was killed."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=seconds, **options)
    except subprocess.TimeoutExpired:
        return None


class Copy:
    """A copy of the tree in a scratch folder, to be configured once."""

    seconds_to_build = 3600

    def __init__(self, scratch, build="build"):
        self.tree, self.build = os.path.join(scratch, "tree"), os.path.join(scratch, build)
        shutil.copytree(ROOT, self.tree, ignore=lambda at, names: ["build", ".git"] if at == ROOT else [])

    def configure(self, cxx_flags="-O1"):
        """Fast to build; what a mistake makes the compiler warn of does not count."""
        self.must(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                   "-DCMAKE_CXX_FLAGS_DEBUG=" + cxx_flags, "-DCMAKE_C_FLAGS_DEBUG=-O1", "-DBUD_WERROR=OFF", DEPS])

    def make(self, targets):
        self.must(["cmake", "--build", self.build, "--target", *targets])

    def must(self, command):
        """Its output; ends the program where it fails."""
        done = run(command, self.seconds_to_build, cwd=self.tree)
        if done is None or done.returncode != 0:
            sys.exit("failed: " + " ".join(command) + "\n" + (done.stdout if done else "timeout"))
        return done.stdout

    @contextlib.contextmanager
    def edited(self, edits):
        """Edits are (file, text as it stands there, once, text instead); they are taken back at the end."""
        before = {}
        try:
            for file, old, new in edits:
                path = os.path.join(self.tree, file)
                with open(path, encoding="utf-8") as f:
                    source = f.read()
                before.setdefault(path, source)
                if source.count(old) != 1:
                    sys.exit(f"{file}: no longer holds once: {old!r}")
                write(path, source.replace(old, new))
            yield
        finally:
            for path, source in before.items():
                write(path, source)


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
