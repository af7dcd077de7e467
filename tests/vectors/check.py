#!/usr/bin/env python3
"""A second implementation of daemon/PROTOCOL.md, made from that page and without the daemon's code: it holds the vectors of
this folder to the page, and opens what a real daemon has sent.

  check.py --sodium LIBSODIUM.so                                  every vector; one line for each file
  check.py --sodium LIBSODIUM.so --open KEYS.json FILE...         first copies in FILEs (copies, or batches of a spool)

Python 3.11, its standard library, and a shared libsodium of 1.0.22 or later. Exit status 1: something does not hold."""
import argparse
import sys

from checker.primitives import Sodium
from checker.spool import open_files
from checker.vectors import check_all, folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sodium", required=True, metavar="LIBSODIUM.so")
    parser.add_argument("--open", metavar="KEYS.json")
    sys.stdout.reconfigure(encoding="utf-8")
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    if bool(arguments.open) != bool(arguments.files):
        parser.error("--open takes keys and at least one file")
    sodium = Sodium(arguments.sodium)
    if arguments.open:
        return open_files(sodium, arguments.open, arguments.files)
    return check_all(sodium, folder(), sys.stdout)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
