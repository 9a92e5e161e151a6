"""How fast pages become items, beside the bare operation they stand on."""

from __future__ import annotations

import csv
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from shared.catalog import genres
from shared.catalog.genres import map_genres
from shared.catalog.item import CanonicalItem
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import MAX_RECORDS, RawPage
from shared.kernel.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable

TITLES = Path(__file__).parents[1] / "fixtures" / "titles.csv"
PAGES = 100
ROUNDS = 3
UNKNOWN = 2000


def _best(work: Callable[[], None]) -> float:
    """Return the shortest of a few turns, in seconds."""
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return min(times)


def _rows() -> list[dict[str, Any]]:
    """Return as many rows as pages hold, each with a title of its own."""
    with TITLES.open(encoding="utf-8", errors="replace", newline="") as file:
        good = [row for row in csv.DictReader(file) if row["tmdb_score"] and row["title"]]
    rows = (good[n % len(good)] for n in range(PAGES * MAX_RECORDS))
    return [{**row, "title": f"{row['title']} {n}"} for n, row in enumerate(rows)]


def _pages(rows: list[dict[str, Any]]) -> list[RawPage]:
    return [
        RawPage(
            provider="generic",
            platform="netflix",
            region="US",
            preset="justwatch",
            fetched_at=FixedClock().now(),
            records=rows[start : start + MAX_RECORDS],
        )
        for start in range(0, len(rows), MAX_RECORDS)
    ]


def run() -> list[tuple[str, str, str]]:
    """Return (what, measured, bare operation) per line."""
    rows = _rows()
    pages = _pages(rows)
    items = [item for page in pages for item in normalize_page(page, "bench/page").items]
    values = [item.model_dump() for item in items]

    def normalize() -> None:
        for page in pages:
            normalize_page(page, "bench/page")

    def construct() -> None:
        for value in values:
            CanonicalItem.model_validate(value)

    def map_all() -> None:
        genres.forget()
        for n in range(UNKNOWN):
            map_genres((f"Unheard of {n}", "Sci-Fi & Fantasy"))

    speed, bare = len(rows) / _best(normalize), len(rows) / _best(construct)
    return [
        ("normalize tabular pages", f"{speed:,.0f} items/s", f"pydantic alone {bare:,.0f} items/s"),
        (
            "map genres never seen",
            f"{UNKNOWN / _best(map_all):,.0f} titles/s",
            "cached after the first",
        ),
    ]


if __name__ == "__main__":
    for line in run():
        print(*line, sep=" · ")  # noqa: T201 - a benchmark's output
