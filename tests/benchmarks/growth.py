"""How fast items are normalized, resolved and stored while the catalog grows to 200,000 titles.

One process takes page after page of new titles in, on a server that syncs every commit and looks
after its statistics by itself. Each point of the picture is the rate of the titles that follow it.

At each size the same new pages go by turns into that catalog and into a copy of it as it was with
10,000 titles, so that both share whatever else the machine does. What they are compared by is
processor time, of this process and of the server's that serves it.

Both have just been through a checkpoint, after which a page is logged whole when it is touched for
the first time, the copy lies in no cache, and a new connection's process maps each page that it
touches: five thousand titles go into each before anything is counted, as an instance's connections
live for hours. The index of words gathers what is new and takes it in every 4,000 titles or so; so
both put away what has gathered before the count begins, and again within it.

Names, types and years are made of real ones (`growing_titles`) and meet as real ones do. A title
meets so many of those before it, of its family, that share a block with it and lie near its year
under another name, or have its name; few of those lie near its year too:

====================  ===========  ===========  ===========  ===========
titles                25,000       50,000       85,000       200,000
====================  ===========  ===========  ===========  ===========
by block, real        .18          .35          .54
by block, made        .14          .25          .44          .85
by name, real         .08          .15          .28
by name, made         .08          .17          .31          .79
of it near, real      .007         .020         .032
of it near, made      .007         .011         .019         .045
====================  ===========  ===========  ===========  ===========

After each size another 2,500 titles go into the catalog that grows as many pages at a time as an
instance of `catalog_resolve` takes, in one process: the rate by which the product takes titles in.

Asked for by name only; draws docs/growth.svg.
"""

from __future__ import annotations

import gc
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import create_engine, text

from functions.manifest import FOLDER, read
from shared.adapters.sql.ingest.store import IngestStore
from shared.adapters.sql.migrate import upgrade
from shared.catalog.normalize import normalize_page
from shared.catalog.values import GENRES, ExternalIdType
from tests.benchmarks import ingestion_store, outage_chart
from tests.benchmarks.growing_titles import DATA, others, real_titles
from tests.benchmarks.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.adapters.sql.ingest.store import PageInput
    from shared.catalog.item import CanonicalItem
    from shared.catalog.raw import RawPage
    from tests.benchmarks.growing_titles import Known
    from tests.benchmarks.machine import Row

PICTURE = ROOT / "docs" / "growth.svg"
SIZES = (10_000, 25_000, 50_000, 100_000, 200_000)
STEP = 2_500
WARM_UP = 5_000
SMALL = "growth_small"
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


@dataclass(frozen=True)
class Turns:
    """The same titles taken in page by page by two catalogs, by turns.

    Attributes:
        small: By the one with the fewest titles.
        large: By the one that grows.
    """

    small: Slice
    large: Slice

    @property
    def share(self) -> float:
        """How much is left of the small one's rate by processor time."""
        return self.small.processor / self.large.processor


@dataclass(frozen=True)
class Growth:
    """What was measured while a catalog grew.

    Attributes:
        slices: One page at a time, in the order of their sizes.
        turns: The same pages in it and in the small copy, at each of `SIZES`.
        served: Size, and items a second with as many pages at a time as an instance takes.
    """

    slices: list[Slice]
    turns: list[Turns]
    served: list[tuple[int, float]]


def run() -> list[Row]:
    """Return two rows per size, and draw the picture."""
    real = real_titles(random.Random(SEED))
    if not real:
        return [("growth", "not measured", f"{DATA} is not there")]
    # What titles are made of would be looked through for cycles again and again.
    made = _made(real)
    gc.collect()
    gc.freeze()
    with ingestion_store._server() as server:
        grown = _grown(server, made)
    PICTURE.write_text(drawn(grown), encoding="utf-8")
    return [*map(_row, grown.turns), *(_row_served(*one) for one in grown.served)]


def _row_served(before: int, rate: float) -> Row:
    at_once = f"{_at_once()} pages at a time"
    what = f"as catalog_resolve takes them, {at_once}, at {before:,} titles (target ≥ {TARGET:,})"
    return (what, f"{rate:,.0f} items/s", "one page at a time: above")


def _row(turns: Turns) -> Row:
    large, small = turns.large, turns.small
    persist = f"resolve + persist alone {STEP / large.persist:,.0f} items/s"
    processor = f"{large.processor_rate:,.0f} and {small.processor_rate:,.0f}"
    return (
        f"normalize + resolve + persist at {large.before:,} titles (target ≥ {TARGET:,})",
        f"{large.rate:,.0f} items/s; by processor time {turns.share:.2f}× of {SIZES[0]:,}",
        f"{persist}; {processor} items a second of processor time",
    )


def _grown(server: Postgres, made: Iterator[CanonicalItem]) -> Growth:
    """Take titles in until there are as many as the largest size, with turns at each size."""
    grown, before = Growth([], [], []), 0
    with server.database() as large:
        _at(large, upgrade)
        while before <= SIZES[-1]:
            size = before + WARM_UP
            if size not in SIZES:
                titles = list(islice(made, STEP))
                grown.slices.append(_at(large, partial(_taken_in, server, titles, before)))
                before += STEP
                continue
            if size == SIZES[0]:
                server.create_database(SMALL, large.rpartition("/")[2])
            titles = list(islice(made, WARM_UP + STEP))
            with server.database(SMALL) as small:
                grown.turns.append(_by_turns((small, large), titles, size))
            grown.slices.append(grown.turns[-1].large)
            served = _at(large, partial(_served, list(islice(made, STEP)), size + STEP))
            grown.served.append((size, served))
            before = size + 2 * STEP
    return grown


def _at_once() -> int:
    """Return how many pages an instance takes at a time."""
    return read(FOLDER / "catalog_resolve" / "function.yaml").scaling.concurrency


def _served(titles: Sequence[CanonicalItem], before: int, engine: Engine) -> float:
    """Return the items a second of pages that are taken in side by side."""
    store = IngestStore(engine)

    def take_in(page: tuple[PageInput, RawPage]) -> None:
        said, records = page
        normalized = normalize_page(records, said.raw_uri)
        store.ingest_page(replace(said, items=normalized.items))

    pages = _pages(titles, before)
    with ThreadPoolExecutor(_at_once()) as instance:
        began = perf_counter()
        list(instance.map(take_in, pages))
        return len(titles) / (perf_counter() - began)


def _at(url: str, work: Callable[[Engine], Any]) -> Any:  # noqa: ANN401 - what the work returns
    engine = create_engine(url)
    try:
        return work(engine)
    finally:
        engine.dispose()


def _taken_in(
    server: Postgres, titles: Sequence[CanonicalItem], before: int, engine: Engine
) -> Slice:
    store, used = IngestStore(engine), partial(_of_all, server)
    return _sum([_page(used, store, one) for one in _pages(titles, before)], before)


def _by_turns(urls: tuple[str, str], titles: Sequence[CanonicalItem], before: int) -> Turns:
    engines = [create_engine(url) for url in urls]
    sides = [(partial(_of_one, _serving(engine)), IngestStore(engine)) for engine in engines]
    pages = _pages(titles, before)
    for page in pages[: -STEP // ingestion_store.PAGE]:
        for side in sides:
            _page(*side, page)
    for side in sides:
        _put_away(*side)
    spent: tuple[list[Slice], list[Slice]] = ([], [])
    for n, page in enumerate(pages[-STEP // ingestion_store.PAGE :]):
        for which in (0, 1) if n % 2 else (1, 0):
            spent[which].append(_page(*sides[which], page))
    for which, side in enumerate(sides):
        spent[which].append(_put_away(*side))
    for engine in engines:
        engine.dispose()
    return Turns(_sum(spent[0], before), _sum(spent[1], before))


def _sum(pages: Sequence[Slice], before: int) -> Slice:
    normalize, persist, processor = (
        sum(getattr(page, name) for page in pages) for name in ("normalize", "persist", "processor")
    )
    return Slice(before, normalize, persist, processor)


def _pages(titles: Sequence[CanonicalItem], before: int) -> list[tuple[PageInput, RawPage]]:
    """Return pages of titles; those who take them in do not look through all of them for cycles."""
    pages = ingestion_store._pages(titles, f"growth-{before}")
    made = [(page, ingestion_store._raw_page(page.items)) for page in pages]
    gc.collect()
    gc.freeze()
    return made


def _page(used: Callable[[], float], store: IngestStore, page: tuple[PageInput, RawPage]) -> Slice:
    """Take one page in; ``used`` tells how much processor time was used so far."""
    said, records = page
    before, began = used(), perf_counter()
    normalized = normalize_page(records, said.raw_uri)
    middle = perf_counter()
    store.ingest_page(replace(said, items=normalized.items))
    persist = perf_counter() - middle
    return Slice(0, middle - began, persist, used() - before)


def _put_away(used: Callable[[], float], store: IngestStore) -> Slice:
    """Take what the index of words has gathered into its tree."""
    before, began = used(), perf_counter()
    with store.engine.begin() as connection:
        connection.execute(text("SELECT gin_clean_pending_list('content_words')"))
    return Slice(0, 0, perf_counter() - began, used() - before)


def _made(real: Sequence[Known]) -> Iterator[CanonicalItem]:
    """Return as many titles as are wanted."""
    items, chance = ingestion_store._items(people=0), random.Random(SEED)
    named = enumerate(others(real, random.Random(SEED)))
    return (_title(items, n, known, chance) for n, known in named)


def _of_all(server: Postgres) -> float:
    """Return the seconds that this process and the server's have used, those that ended too."""
    pid = server.process.pid if server.process else 0
    root = psutil.Process(pid)
    ended = root.cpu_times()
    times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
    living = sum(one.user + one.system for one in times)
    return process_time() + living + ended.children_user + ended.children_system


def _serving(engine: Engine) -> psutil.Process:
    """Return the server's process behind the only connection of an engine."""
    with engine.connect() as connection:
        return psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _of_one(serving: psutil.Process) -> float:
    """Return the seconds that this process and one of the server's have used."""
    times = serving.cpu_times()
    return process_time() + times.user + times.system


def _title(
    items: Sequence[CanonicalItem], n: int, known: Known, chance: random.Random
) -> CanonicalItem:
    """Return an item of a title; it says as much as one of the given items."""
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


def drawn(grown: Growth) -> str:
    """Return rate over size as SVG (W3C SVG 1.1)."""
    slices, served = grown.slices, grown.served
    rates = [rate for one in slices for rate in (one.rate, one.processor_rate)]
    most = max(TARGET, *rates, *(rate for _, rate in served)) * 1.1
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
        _curve(served, most, "#e67e22"),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _curve(points: Sequence[tuple[int, float]], most: float, color: str) -> str:
    placed = " ".join(f"{_x(size):.1f},{_y(rate, most):.1f}" for size, rate in points)
    return f'<polyline points="{placed}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _x(titles: float) -> float:
    return LEFT + titles / (SIZES[-1] + STEP) * (WIDTH - LEFT - RIGHT)


def _y(rate: float, most: float) -> float:
    return HEIGHT - BOTTOM - rate / most * (HEIGHT - TOP - BOTTOM)


def _frame(most: float) -> Iterator[str]:
    """Yield the title, both scales, and the target as a dashed line."""
    line, text = outage_chart._line, outage_chart._text
    heading = f"normalize + resolve + persist, items/s; a point is {STEP:,} new titles, one process"
    yield text(LEFT, 20, heading)
    said = f"blue: by the clock; green: by processor time; orange: {_at_once()} pages at a time"
    yield text(LEFT, 38, said)
    for rate in range(0, int(most), 500):
        yield line(LEFT, _y(rate, most), WIDTH - RIGHT, _y(rate, most), "#eee")
        yield text(LEFT - 8, _y(rate, most) + 4, f"{rate:,}", anchor="end")
    for size in (0, *SIZES):
        yield line(_x(size), _y(0, most), _x(size), TOP, "#eee")
        yield text(_x(size), _y(0, most) + 16, f"{size // 1000} k", anchor="middle")
    yield text(WIDTH - RIGHT, HEIGHT - 12, "titles in the catalog", anchor="end")
    yield line(LEFT, _y(TARGET, most), WIDTH - RIGHT, _y(TARGET, most), "#c0392b", dashed=True)
    yield text(LEFT + 6, _y(TARGET, most) - 5, "target")
