"""What is published about our surfaces is shown by tests, and tests show nothing else."""

from __future__ import annotations

import ast
import tomllib
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
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.behavior"):
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


SHOWN = {name for file in TESTS.rglob("test_*.py") for name in marked(file)}


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_every_behavior_has_a_test_or_says_why_not(file: Path) -> None:
    for entry in entries(file):
        assert set(entry) - {"gap"} == {"id", "source", "says"}
        assert entry["id"].startswith(f"{file.stem}:")
        assert (entry["id"] in SHOWN) != bool(entry.get("gap")), entry["id"]


def test_no_test_shows_what_is_not_listed_and_nothing_is_listed_twice() -> None:
    listed = [entry["id"] for file in LISTS for entry in entries(file)]

    assert len(set(listed)) == len(listed)
    assert set(listed) >= SHOWN
