"""``python -m tests.benchmarks [NAME …]``: the machine, then a table per benchmark."""

from __future__ import annotations

import argparse
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.benchmarks.machine import description

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.machine import Row

NAMES = (
    "startup",
    "tokens",
    "identity",
    "limits",
    "caching",
    "gateway",
    "bundles",
    "normalize",
    "matching",
    "ingestion_store",
    "receipts",
    "pipeline",
    "embeddings",
    "search",
    "search_clients",
    "search_peers",
    "suggest",
    "graph",
    "vectors",
    "firestore",
    "pubsub",
    "emulators",
    "local_cloud",
)
ASKED_FOR = ("intent", "understanding", "outage", "growth", "search_growth", "freshness")
"""Measured only by name: they take minutes, ask for data, or write into docs."""
ALL = (*NAMES, *ASKED_FOR)
NARROW = 150


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that were named, or all, and print what they measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")
    asked = parser.parse_args(arguments).names
    if unknown := [name for name in asked if name not in ALL]:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(ALL)}")
    console = Console()
    if not console.is_terminal:
        console.width = NARROW
    console.print(description(), highlight=False)
    for name in (name for name in ALL if name in (asked or NAMES)):
        began = perf_counter()
        rows: list[Row] = import_module(f"tests.benchmarks.{name}").run()
        console.print(_table(name, rows, perf_counter() - began))


def _table(name: str, rows: Sequence[Row], seconds: float) -> Table:
    table = Table("what", "figure", "bare operation", caption=f"measured in {seconds:.0f} s")
    table.title = name
    for row in rows:
        table.add_row(*map(escape, row))
    return table


if __name__ == "__main__":
    main()
