"""Recorded answers of several providers, family by family: what is read of them, and how well."""

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from shared.catalog.coverage.measure import KEPT, UNKNOWN, verdicts
from shared.catalog.coverage.units import Unit, units
from shared.catalog.normalize import PROVIDERS
from shared.catalog.raw import RecordError
from shared.kernel.errors import InvalidInputError

_SUFFIXES = (".json", ".json.gz")
_NO_TITLE = ("record", "kind")
MOST_NAMED = 60
"""Reasons and shapes that are named for a family; what is beyond is counted."""


@dataclass
class Tally:
    """What was found in one family."""

    files: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)
    items: int = 0
    titles: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    no_titles: Counter[str] = field(default_factory=Counter)
    unknown_fields: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, Any]:
        """Return the figures, the largest counts first."""
        fields = self.kept.total() + self.set_aside.total() + self.lost.total()
        return {
            "files": self.files,
            "items": self.items,
            "fields": fields,
            "kept": self.kept.total(),
            "set_aside": self.set_aside.total(),
            "lost": self.lost.total(),
            "unreadable": len(self.unreadable),
            "errors": self.errors.total(),
            "unknown": self.unknown_fields.total(),
        }

    def details(self) -> dict[str, Any]:
        """Return what was set aside, lost, refused or not known, by name."""
        parts: Mapping[str, Mapping[str, Any]] = {
            "kept_by_field": self.kept,
            "set_aside_because": self.set_aside,
            "lost": self.lost,
            "refusals": self.refusals,
            "errors": self.errors,
            "no_titles": self.no_titles,
            "unknown_fields": self.unknown_fields,
            "unreadable": self.unreadable,
        }
        return {name: _largest(found) for name, found in parts.items() if found}


def _largest(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a row per name, the largest counts first."""
    if not isinstance(found, Counter):
        return {name: {"because": why} for name, why in found.items()}
    named = dict(found.most_common(MOST_NAMED))
    rest = found.total() - sum(named.values())
    counted = named | ({"others": rest} if rest else {})
    return {name: {"times": times} for name, times in counted.items()}


def measure_folder(folder: Path) -> dict[str, Tally]:
    """Return what is found in each family: a folder of answers, named after its provider.

    Raises:
        InvalidInputError: There is no such folder, or none of its folders has answers.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"there is no folder {folder}")
    found = {
        family.name: measure_family(family.name, list(_files(family)))
        for family in sorted(folder.iterdir())
        if family.is_dir() and any(_files(family))
    }
    if not found:
        raise InvalidInputError(f"{folder} has no folder with JSON files, one per provider")
    return found


def provider_of(family: str) -> str | None:
    """Return the provider whose answers a folder holds (``justwatch_graphql``)."""
    names = (name for name in PROVIDERS if family == name or family.startswith(f"{name}_"))
    return max(names, key=len, default=None)


def measure_family(family: str, files: Sequence[Path]) -> Tally:
    """Return what is found in the answers of one provider."""
    tally, provider = Tally(files=len(files)), provider_of(family)
    for file in files:
        if provider is None:
            tally.unreadable[file.name] = f"no provider of ours is called {family!r}"
            continue
        try:
            content = orjson.loads(_bytes(file))
        except (OSError, EOFError, ValueError) as error:
            tally.unreadable[file.name] = str(error)
            continue
        for record in content if isinstance(content, list) else [content]:
            for unit in units(provider, record):
                _count(tally, unit)
    return tally


def _count(tally: Tally, unit: Unit) -> None:
    found = unit.read()
    if found.items:
        tally.titles += 1
        tally.items += len(found.items) - len(unit.beside) * (found.items[0].title == "-")
        for verdict in verdicts(unit):
            _judge(tally, verdict.field, verdict.pattern, verdict.outcome)
    for error in found.errors:
        _error(tally, error, unit)


def _judge(tally: Tally, field_name: str, pattern: str, outcome: str) -> None:
    if outcome == UNKNOWN:
        tally.unknown_fields[pattern] += 1
    elif outcome == KEPT:
        tally.kept[field_name] += 1
    elif outcome:
        tally.set_aside[outcome] += 1
    else:
        tally.lost[f"{field_name} ({pattern})"] += 1


def _error(tally: Tally, error: RecordError, unit: Unit) -> None:
    if error.field in _NO_TITLE:
        names = sorted(unit.record)[:8] if isinstance(unit.record, dict) else ["no object"]
        tally.no_titles[error.message if error.field == "kind" else ", ".join(names)] += 1
    elif error.field in {"error", "errors"}:
        tally.refusals[error.message] += 1
    else:
        tally.errors[f"{error.field}: {error.message}"] += 1


def _files(family: Path) -> Iterator[Path]:
    yield from (p for p in sorted(family.rglob("*")) if p.name.endswith(_SUFFIXES) and p.is_file())


def _bytes(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if file.name.endswith(".gz") else content
