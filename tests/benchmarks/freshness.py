"""How soon changed titles are found by what is new in them, in a local cloud with 12,000 titles.

A catalog file changes the names and overviews of so many titles; each name gets a word that nothing
else has.
Twenty of them, spread over the file, are asked for through the gateway until each word finds its
title; all of them until their vector is that of the new text. Seconds begin with the command. The
backlog is the age of the oldest change that was written and is not embedded. The catalog's first
texts are short, which makes it quick to fill; what is measured begins with the changes.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx2
import numpy as np
import orjson
from sqlalchemy import text

from shared.adapters import connect
from tests.benchmarks import pipeline
from tests.benchmarks.cloud import running_cloud
from tests.benchmarks.titles import TitleMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.cloud import Cloud
    from tests.benchmarks.machine import Row

TITLES = 12_000
CHANGED = (100, 1_000, 5_000)
TARGET, TARGET_CHANGES = 60, 1_000
ASKED = 20
SECONDS = 1_200
POLL_SECONDS = 0.2
SEED = 13
BACKLOG = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
FROM outbox
WHERE topic IN ('content.ingested', 'content.updated')
  AND NOT EXISTS (
    SELECT FROM processed_event AS done
    WHERE done.consumer = 'catalog-enrich' AND done.event_id = outbox.event_id
  )
""")
EMBEDDED = text("""
SELECT count(*)
FROM platform_listing AS listing JOIN content_embedding AS made USING (content_id)
WHERE listing.platform_content_id IN (SELECT jsonb_array_elements_text(CAST(:listings AS jsonb)))
  AND made.updated_at > CAST(:since AS timestamptz)
""")
Record = dict[str, Any]


@dataclass
class Measured:
    """What a change of so many titles came to, in seconds.

    Attributes:
        stored: Until the command had ended.
        found: Until every asked word found its title.
        embedded: Until every title had its new vector.
        backlog: The greatest age of a waiting change.
    """

    stored: float = 0.0
    found: float = 0.0
    embedded: float = 0.0
    backlog: float = 0.0


def run() -> list[Row]:
    """Return a row per number of changed titles."""
    with running_cloud() as cloud:
        maker = TitleMaker(
            connect.addresses().artifacts_dir / "models" / "minilm", np.random.default_rng(SEED)
        )
        records = [_short(pipeline._record(maker, number)) for number in range(TITLES)]
        _filled(cloud, records)
        starts = [sum(CHANGED[:place]) for place in range(len(CHANGED))]
        parts = [records[start : start + n] for start, n in zip(starts, CHANGED, strict=True)]
        return [_row(_changed(cloud, part), len(part)) for part in parts]


def _row(measured: Measured, changed: int) -> Row:
    target = f" (target ≤ {TARGET} s)" if changed <= TARGET_CHANGES else ""
    return (
        f"{changed:,} changed titles of {TITLES:,}{target}",
        f"found by words after {measured.found:.1f} s, by vectors after {measured.embedded:.1f} s",
        f"stored after {measured.stored:.1f} s; oldest waiting change {measured.backlog:.1f} s",
    )


def _short(record: Record) -> Record:
    return {**record, "description": " ".join(str(record["description"]).split()[:4])}


def _filled(cloud: Cloud, records: Sequence[Record]) -> None:
    """Take the catalog in, and wait until all of it is embedded."""
    file = cloud.state / "catalog.csv"
    pipeline._write(file, list(records))
    cloud.mg("ingest", str(file), *pipeline.WORDS)
    _until(lambda: _backlog() == 0)


def _changed(cloud: Cloud, records: Sequence[Record]) -> Measured:
    """Change titles and watch until each of them is as fresh as it gets."""
    file, size = cloud.state / f"changed-{len(records)}.csv", len(records)
    fresh = [{**one, **_news(one, _word(n, size))} for n, one in enumerate(records)]
    pipeline._write(file, fresh)
    words = [_word(n, size) for n in range(0, size, size // ASKED)]
    listings = [f"jw:{one['id']}" for one in records]
    measured, since, began = Measured(), _now(), perf_counter()
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(cloud.mg, "ingest", str(file), *pipeline.WORDS)
        while not (measured.stored and measured.found and measured.embedded):
            _look(cloud, measured, words, lambda: _embedded(listings, since) == size, began)
            if command.done() and not measured.stored:
                command.result()
                measured.stored = perf_counter() - began
            if perf_counter() - began > SECONDS:
                raise TimeoutError(f"{size} changes: {measured}")
            sleep(POLL_SECONDS)
    return measured


def _look(
    cloud: Cloud,
    measured: Measured,
    words: list[str],
    embedded: Callable[[], bool],
    began: float,
) -> None:
    """Note how far it has come; words that were found are not asked for again."""
    measured.backlog = max(measured.backlog, _backlog())
    while words and _finds(cloud, words[0]):
        words.pop(0)
    if not words and not measured.found:
        measured.found = perf_counter() - began
    if not measured.embedded and embedded():
        measured.embedded = perf_counter() - began


def _word(number: int, size: int) -> str:
    """Return a word that is like none of the others."""
    chance = random.Random(f"{size} {number}")
    return "".join(chance.choice("bdfglmnprstvz") + chance.choice("aeiou") for _ in range(6))


def _news(record: Record, word: str) -> Record:
    told = f"{record['description']} and what else there was to say of it"
    return {"title": f"{record['title']} {word.title()}", "description": told}


def _finds(cloud: Cloud, word: str) -> bool:
    address = cloud.record().addresses["gateway"]
    asked = urlencode({"q": word, "page_size": 100})
    answer = httpx2.get(f"http://{address}/api/v1/search?{asked}", timeout=30)
    found = answer.raise_for_status().json()["results"]
    return any(word in one["content"]["title"].lower() for one in found)


def _embedded(listings: Sequence[str], since: str) -> int:
    given = {"listings": orjson.dumps(listings).decode(), "since": since}
    with connect.reads().connect() as connection:
        return int(connection.execute(EMBEDDED, given).scalar_one())


def _backlog() -> float:
    with connect.reads().connect() as connection:
        return float(connection.execute(BACKLOG).scalar_one())


def _now() -> str:
    with connect.reads().connect() as connection:
        return str(connection.execute(text("SELECT clock_timestamp()")).scalar_one())


def _until(met: Callable[[], bool]) -> None:
    began = perf_counter()
    while not met():
        if perf_counter() - began > SECONDS:
            raise TimeoutError("the catalog is not embedded")
        sleep(POLL_SECONDS)
