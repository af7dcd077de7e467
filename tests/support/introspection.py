#!/usr/bin/env python3
"""Introspection XML in canonical form, so that what a program serves can be compared with dbus/interfaces.

    introspection.py FILE          print the canonical form ("-": standard input)
    introspection.py --compare ACTUAL FOLDER
                                   exit 1, with a difference, unless the interfaces in ACTUAL are those in FOLDER
    introspection.py --lint FOLDER exit 1 unless each file in FOLDER follows the house's rules

Canonical: one line for each member, sorted; comments, nodes, the DOCTYPE and the standard interfaces are left out, and
so is what means the same whether it is written or not.
"""
import argparse
import difflib
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"
# What the D-Bus specification says an absent annotation means.
DEFAULTS = {(EMITS, "true"), ("org.freedesktop.DBus.Deprecated", "false"),
            ("org.freedesktop.DBus.Method.NoReply", "false")}
STANDARD = "org.freedesktop.DBus."
KNOWN_TAGS = {"method", "signal", "property", "annotation"}


def annotations(element):
    pairs = {(a.attrib["name"], a.attrib["value"]) for a in element.findall("annotation")}
    return "".join(f" @{name}={value}" for name, value in sorted(pairs - DEFAULTS))


def arguments(element, direction):
    default = "in" if element.tag == "method" else "out"
    chosen = [a for a in element.findall("arg") if a.attrib.get("direction", default) == direction]
    return ", ".join(f"{a.attrib['type']} {a.attrib.get('name', '')}".strip() for a in chosen)


def member(element):
    name = element.attrib["name"]
    if element.tag == "property":
        text = f"property {name}: {element.attrib['type']} {element.attrib['access']}"
    elif element.tag == "method":
        text = f"method {name}({arguments(element, 'in')}) -> ({arguments(element, 'out')})"
    elif element.tag == "signal":
        text = f"signal {name}({arguments(element, 'out')})"
    else:
        raise ValueError(f"an interface cannot hold <{element.tag}>")
    return text + annotations(element)


def interfaces(xml):
    """{interface name: sorted lines}, for all interfaces at any depth."""
    found = {}
    for element in ElementTree.fromstring(xml).iter("interface"):
        name = element.attrib["name"]
        if name.startswith(STANDARD):
            continue
        lines = sorted(member(child) for child in element if child.tag != "annotation")
        if own := annotations(element):
            lines.insert(0, own.strip())
        # A program may print an interface once for each object: the same each time.
        if found.setdefault(name, lines) != lines:
            raise ValueError(f"{name} stands twice, and differs")
    return found


def canonical(found):
    return "".join(f"{name}\n" + "".join(f"  {line}\n" for line in found[name]) for name in sorted(found))


def difference(expected, actual):
    return "".join(difflib.unified_diff(canonical(expected).splitlines(True), canonical(actual).splitlines(True),
                                        "expected", "actual"))


def folder_interfaces(folder, only=None):
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        if only is None or path.stem in only:
            found.update(interfaces(path.read_text(encoding="utf-8")))
    return found


def documented(xml):
    """Each member with the comment right before it, '' where there is none."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    for interface in ElementTree.fromstring(xml, parser=parser).iter("interface"):
        comment = ""
        for child in interface:
            if child.tag is ElementTree.Comment:
                comment = child.text
                continue
            if child.tag in KNOWN_TAGS - {"annotation"}:
                yield child, comment
            comment = ""


def complaints(path, error_names=None):
    xml = path.read_text(encoding="utf-8")
    names = list(interfaces(xml))
    if names != [path.stem]:
        yield f"holds {names}, not {path.stem} alone"
    if not re.fullmatch(r"[a-z.]+\.[A-Z][A-Za-z]*[0-9]+", path.stem):
        yield "an interface's name ends in its version"
    for element, comment in documented(xml):
        name = element.attrib["name"]
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            yield f"{name}: a member's name is in CamelCase"
        if not re.search(rf"^\s*{name}:$", comment, re.MULTILINE):
            yield f"{name}: has no documentation of its own before it"
        for arg in element.findall("arg"):
            arg_name = arg.attrib.get("name", "")
            if not re.fullmatch(r"[a-z][a-z0-9_]*", arg_name):
                yield f"{name}: an argument's name is in snake_case, not \"{arg_name}\""
            if f"@{arg_name}:" not in comment:
                yield f"{name}: argument {arg_name} is not documented"
        if element.tag == "method" and "Errors:" not in comment:
            yield f"{name}: a method lists its errors"
        for error in re.findall(r"org\.budstikke\.Error\.(\w+)", comment):
            if error_names is not None and error not in error_names:
                yield f"{name}: there is no error {error}"


def error_names(source_root):
    """The names that dbus/bus/error.h lists; None where it is not at hand."""
    header = pathlib.Path(source_root) / "dbus/bus/error.h"
    if not header.exists():
        return None
    listed = re.search(r"`org\.budstikke\.Error\.….*?\n//\n((?://.*\n)+)#pragma once", header.read_text(), re.DOTALL)
    return set(re.findall(r"[A-Z]\w+", listed.group(1)))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", nargs=2, metavar=("ACTUAL", "FOLDER"))
    parser.add_argument("--only", action="append", help="with --compare: just this interface of FOLDER; may repeat")
    parser.add_argument("--lint", metavar="FOLDER")
    parser.add_argument("file", nargs="?")
    options = parser.parse_args(argv)

    def read(name):
        return sys.stdin.read() if name == "-" else pathlib.Path(name).read_text(encoding="utf-8")

    if options.compare:
        differs = difference(folder_interfaces(options.compare[1], options.only), interfaces(read(options.compare[0])))
        sys.stdout.write(differs)
        return 1 if differs else 0
    if options.lint:
        paths = sorted(pathlib.Path(options.lint).glob("*.xml"))
        known = error_names(pathlib.Path(options.lint).parent.parent)
        found = [f"{path.name}: {text}" for path in paths for text in complaints(path, known)]
        print("\n".join(found) if found else f"{len(paths)} interfaces follow the rules")
        return 1 if found or not paths else 0
    if not options.file:
        parser.error("a file, --compare or --lint is needed")
    sys.stdout.write(canonical(interfaces(read(options.file))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
