"""How fast items are normalized, resolved and stored while the catalog grows to 200,000 titles.

One process takes page after page of new titles in, on a server that syncs every commit and looks
after its statistics by itself. Each point is the rate of the titles that follow it; beside it is
the rate by processor time (this process and all of the server's), which other work on the machine
changes little.

Names, types and years are made of real ones (`growing_titles`) and meet as real ones do. A title
meets so many of those before it that share a block and lie near its year, or have its name:

==============  ===========  ===========  ===========  ===========  ============
titles          10,000       25,000       50,000       85,000       200,000
==============  ===========  ===========  ===========  ===========  ============
by block, real  .12          .32          .52          1.05
by block, made  .11          .32          .52          .83          1.89
by name, real   .06          .11          .23          .37
by name, made   .04          .12          .23          .39          1.13
==============  ===========  ===========  ===========  ===========  ============

Asked for by name only; draws docs/growth.svg.
"""

from __future__ import annotations

import gc
import random
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import psutil

from shared.adapters.sql.ingest.store import IngestStore
from shared.catalog.normalize import normalize_page
from shared.catalog.values import GENRES, ExternalIdType
from tests.benchmarks import ingestion_store, outage_chart
from tests.benchmarks.growing_titles import DATA, another, real_titles
from tests.benchmarks.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.catalog.item import CanonicalItem
    from tests.benchmarks.growing_titles import Known
    from tests.benchmarks.machine import Row

PICTURE = ROOT / "docs" / "growth.svg"
SIZES = (10_000, 25_000, 50_000, 100_000, 200_000)
STEP, BESIDE = 2_500, 5_000
TARGET = 1_500
SEED = 9
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 360, 70, 50, 20, 50


@dataclass(frozen=True)
class Slice:
    """A number of titles taken in one after another.

    Attributes:
        before: Titles there were.
        normalize: Seconds of normalizing.
        persist: Seconds of resolving and storing.
        processor: Seconds of processor time of both, here and in the server.
    """

    before: int
    normalize: float
    persist: float
    processor: float

    @property
    def rate(self) -> float:
        """Items a second, all steps together."""
        return STEP / (self.normalize + self.persist)

    @property
    def processor_rate(self) -> float:
        """Items per second of processor time."""
        return STEP / self.processor


def run() -> list[Row]:
    """Return a row per size, and draw the picture."""
    real = real_titles(random.Random(SEED))
    if not real:
        return [("growth", "not measured", f"{DATA} is not there")]
    with ingestion_store._server() as server, ingestion_store._database(server) as engine:
        slices = list(_grown(engine, server, real))
    PICTURE.write_text(drawn(slices), encoding="utf-8")
    first = _around(slices, SIZES[0])
    return [_row(_around(slices, size), size, first) for size in SIZES]


def _row(near: Sequence[Slice], size: int, first: Sequence[Slice]) -> Row:
    rate, begun = _rate(near), _rate(first)
    persist = len(near) * STEP / sum(one.persist for one in near)
    spent, once = (sum(one.processor for one in found) for found in (near, first))
    processor = len(near) * STEP / spent
    alone = f"resolve + persist alone {persist:,.0f} items/s"
    return (
        f"normalize + resolve + persist at {size:,} titles (target ≥ {TARGET:,})",
        f"{rate:,.0f} items/s, {rate / begun:.2f}× of {SIZES[0]:,}",
        f"{alone}; {processor:,.0f} items a second of processor time, {once / spent:.2f}×",
    )


def _around(slices: Sequence[Slice], size: int) -> list[Slice]:
    return [one for one in slices if size <= one.before < size + BESIDE]


def _rate(slices: Sequence[Slice]) -> float:
    return len(slices) * STEP / sum(one.normalize + one.persist for one in slices)


def _grown(engine: Engine, server: Postgres, real: Sequence[Known]) -> Iterator[Slice]:
    """Take titles in until there are as many as the largest size, and a slice more."""
    store = IngestStore(engine)
    items, chance = ingestion_store._items(people=0), random.Random(SEED)
    # What titles are made of would be looked through for cycles again and again.
    gc.collect()
    gc.freeze()
    for before in range(0, SIZES[-1] + BESIDE, STEP):
        made = [_title(items, n, real, chance) for n in range(before, before + STEP)]
        used = _processor_seconds(server)
        normalize, persist = _taken_in(store, made, before)
        yield Slice(before, normalize, persist, _processor_seconds(server) - used)


def _processor_seconds(server: Postgres) -> float:
    """Return what this process and the server's have used so far."""
    pid = server.process.pid if server.process else 0
    root = psutil.Process(pid)
    times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
    return process_time() + sum(one.user + one.system for one in times)


def _title(
    items: Sequence[CanonicalItem], n: int, real: Sequence[Known], chance: random.Random
) -> CanonicalItem:
    """Return another title; it says as much as one of the given items."""
    known = another(real, chance)
    changed = {
        "platform_content_id": str(n),
        "title": known.title,
        "content_type": known.content_type,
        "release_year": known.year,
        "runtime_minutes": chance.randint(20, 180),
        "genres": tuple(chance.sample(GENRES, 3)),
        "external_ids": {ExternalIdType.IMDB: f"tt{n:07d}"},
    }
    return items[n % len(items)].model_copy(update=changed)


def _taken_in(
    store: IngestStore, items: Sequence[CanonicalItem], before: int
) -> tuple[float, float]:
    """Take titles in; return the seconds of normalizing, and of resolving and storing."""
    pages = ingestion_store._pages(items, f"growth-{before}")
    raw = [ingestion_store._raw_page(page.items) for page in pages]
    normalizing = persisting = 0.0
    for page, records in zip(pages, raw, strict=True):
        began = perf_counter()
        normalized = normalize_page(records, page.raw_uri)
        middle = perf_counter()
        store.ingest_page(replace(page, items=normalized.items))
        normalizing += middle - began
        persisting += perf_counter() - middle
    return normalizing, persisting


def drawn(slices: Sequence[Slice]) -> str:
    """Return rate over size as SVG (W3C SVG 1.1)."""
    most = max(TARGET, *(max(one.rate, one.processor_rate) for one in slices)) * 1.1
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    by_clock = [(one.before, one.rate) for one in slices]
    by_processor = [(one.before, one.processor_rate) for one in slices]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_frame(most),
        _curve(by_clock, most, "#2980b9"),
        _curve(by_processor, most, "#4c9f70"),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _curve(points: Sequence[tuple[int, float]], most: float, color: str) -> str:
    placed = " ".join(f"{_x(size):.1f},{_y(rate, most):.1f}" for size, rate in points)
    return f'<polyline points="{placed}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _x(titles: float) -> float:
    return LEFT + titles / (SIZES[-1] + BESIDE) * (WIDTH - LEFT - RIGHT)


def _y(rate: float, most: float) -> float:
    return HEIGHT - BOTTOM - rate / most * (HEIGHT - TOP - BOTTOM)


def _frame(most: float) -> Iterator[str]:
    """Yield the title, both scales, and the target as a dashed line."""
    line, text = outage_chart._line, outage_chart._text
    heading = f"normalize + resolve + persist, items/s; a point is {STEP:,} new titles, one process"
    yield text(LEFT, 20, heading)
    yield text(LEFT, 38, "blue: by the clock; green: by processor time, server included")
    for rate in range(0, int(most), 500):
        yield line(LEFT, _y(rate, most), WIDTH - RIGHT, _y(rate, most), "#eee")
        yield text(LEFT - 8, _y(rate, most) + 4, f"{rate:,}", anchor="end")
    for size in (0, *SIZES):
        yield line(_x(size), _y(0, most), _x(size), TOP, "#eee")
        yield text(_x(size), _y(0, most) + 16, f"{size // 1000} k", anchor="middle")
    yield text(WIDTH - RIGHT, HEIGHT - 12, "titles in the catalog", anchor="end")
    yield line(LEFT, _y(TARGET, most), WIDTH - RIGHT, _y(TARGET, most), "#c0392b", dashed=True)
    yield text(LEFT + 6, _y(TARGET, most) - 5, "target")
