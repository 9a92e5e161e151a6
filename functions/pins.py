"""Pinned requirements: what a group of ``pyproject.toml`` installs, and who provides an import.

What a group brings is read from the ``# via`` comments of ``requirements.txt``, which name for
every pin who asked for it. They come from the same resolution as the pins, for every platform and
Python at once, so the answer depends on two committed files and on nothing that is installed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MODULE = re.compile(r"\.(py|so|pyd|[\w-]+\.(so|pyd))$")


@dataclass(frozen=True)
class Pin:
    """One pinned version; a name has several where versions differ by Python.

    Attributes:
        text: Its lines, hashes included, as they stand.
        via: Names of the distributions that ask for it.
    """

    name: str
    text: str
    via: frozenset[str]


@dataclass(frozen=True)
class Groups:
    """What the project asks for by name: of everything, and by group."""

    base: frozenset[str]
    by_name: Mapping[str, frozenset[str]]


def canonical(name: str) -> str:
    """Return a distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_groups(pyproject: Path) -> Groups:
    """Return the project's dependencies and its groups, included groups resolved."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    declared: dict[str, list[str | dict[str, str]]] = project["dependency-groups"]

    def names(entries: Iterable[str | dict[str, str]]) -> frozenset[str]:
        found: set[str] = set()
        for entry in entries:
            if isinstance(entry, str):
                found.add(_name(entry))
            else:
                found |= names(declared[entry["include-group"]])
        return frozenset(found)

    by_name = {group: names(entries) for group, entries in declared.items()}
    return Groups(names(project["project"]["dependencies"]), by_name)


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    if found is None:
        raise ValueError(f"{requirement!r} names no distribution")
    return canonical(found[0])


def read_pins(requirements: Path) -> list[Pin]:
    """Return every pin in the order of the file."""
    blocks: list[list[str]] = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if _NAME.match(line):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    return [_pin(block) for block in blocks]


def _pin(lines: list[str]) -> Pin:
    kept = [line.rstrip(" \\") for line in lines if line.strip() and "#" not in line]
    said = [line.strip("# ").removeprefix("via").strip() for line in lines if "#" in line]
    via = frozenset(_name(who) for who in said if who)
    return Pin(_name(lines[0]), " \\\n".join(kept) + "\n", via)


def closure(pins: Iterable[Pin], wanted: Iterable[str]) -> frozenset[str]:
    """Return the names that installing ``wanted`` installs.

    Raises:
        LookupError: One of ``wanted`` has no pin.
    """
    every = list(pins)
    found = set(wanted)
    missing = sorted(found - {pin.name for pin in every})
    if missing:
        raise LookupError(f"{', '.join(missing)}: not pinned")
    while more := {p.name for p in every if p.via & found} - found:
        found |= more
    return frozenset(found)


def requirements(pins: Iterable[Pin], names: frozenset[str]) -> str:
    """Return the pins of ``names`` with their hashes, as an installer reads them."""
    return "".join(pin.text for pin in pins if pin.name in names)


def providers(module: str, name: str = "") -> frozenset[str]:
    """Return the installed distributions that hold an imported module.

    Namespace packages (`google.cloud`) belong to many; the longest name that a distribution has a
    file for decides.
    """
    index = _index()
    asked = f"{module}.{name}" if name else module
    while asked:
        if asked in index:
            return frozenset(index[asked])
        asked = asked.rpartition(".")[0]
    return frozenset()


@cache
def _index() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for distribution in metadata.distributions():
        name = canonical(distribution.name)
        # `distribution.files` looks at the disk for each of 30,000 files, which takes seconds.
        for line in (distribution.read_text("RECORD") or "").splitlines():
            path = line.partition(",")[0]
            if _MODULE.search(path) and not path.startswith(".."):
                dotted = _MODULE.sub("", path).removesuffix("/__init__").replace("/", ".")
                found.setdefault(dotted, set()).add(name)
    return found
