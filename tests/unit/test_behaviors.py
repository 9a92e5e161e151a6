"""What is published about our surfaces is shown by tests, and tests show nothing else."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]
LISTS = sorted((TESTS / "behaviors").glob("*.toml"))


def entries(file: Path) -> list[dict[str, Any]]:
    """Return the behaviors of one surface."""
    found: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["behavior"]
    return found


def marked(file: Path) -> Iterator[str]:
    """Yield the behaviors that tests of a file show."""
    text = file.read_text(encoding="utf-8")
    if "mark.behavior" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.behavior"):
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


@cache  # read with the first test that asks, not by every process that collects tests
def shown() -> frozenset[str]:
    """Return the behaviors that any test shows."""
    return frozenset(name for file in TESTS.rglob("test_*.py") for name in marked(file))


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_every_behavior_has_a_test_or_says_why_not(file: Path) -> None:
    for entry in entries(file):
        assert set(entry) - {"gap"} == {"id", "source", "says"}
        assert entry["id"].startswith(f"{file.stem}:")
        assert (entry["id"] in shown()) != bool(entry.get("gap")), entry["id"]


def test_no_test_shows_what_is_not_listed_and_nothing_is_listed_twice() -> None:
    listed = [entry["id"] for file in LISTS for entry in entries(file)]

    assert len(set(listed)) == len(listed)
    assert set(listed) >= shown()


ASVS = """
    2.1.1-12 2.2.1-3 2.3.1-3 2.4.1-5 2.5.1-7 2.6.1-3 2.7.1-6 2.8.1-7 2.9.1-3 2.10.1-4
    3.1.1-1 3.2.1-4 3.3.1-4 3.4.1-5 3.5.1-3 3.7.1-1
    4.1.1-3 4.1.5-5 4.2.1-2 4.3.1-3
    6.1.1-3 6.2.1-6 6.3.1-2 6.4.1-2
"""
"""What OWASP ASVS 4.0.3 asks of levels 1 and 2 in its sections 2, 3, 4 and 6 (4.1.4 is none)."""


def test_the_attack_list_names_every_requirement_of_asvs_level_2() -> None:
    asked = {
        f"{section}.{number}"
        for each in ASVS.split()
        for section, _, ends in [each.rpartition(".")]
        for first, _, last in [ends.partition("-")]
        for number in range(int(first), int(last) + 1)
    }
    named: set[str] = set()
    for entry in entries(TESTS / "behaviors" / "attacks.toml"):
        for source in entry["source"].split("; "):
            if source.startswith("ASVS 4.0.3 "):
                named |= set(_requirements(source.removeprefix("ASVS 4.0.3 ")))

    assert asked - named == set()


def _requirements(said: str) -> Iterator[str]:
    """Yield what a source names, ``3.4.1 to 3.4.5`` one by one."""
    for each in said.split(", "):
        first, _, last = each.partition(" to ")
        section, _, number = first.rpartition(".")
        end = int(last.rpartition(".")[2] or number)
        yield from (f"{section}.{n}" for n in range(int(number), end + 1))
