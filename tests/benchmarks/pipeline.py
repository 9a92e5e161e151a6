"""From a file of 3,000 titles to titles that search finds, through ``mg ingest`` on a local cloud.

Stored means resolved into the catalog, every record counted; it includes the start of the command
and of the job. Embedding and indexing go on behind it and are told apart: their seconds run from
the same beginning until each title is a point of the vector index. Two runs take in other titles
each, since the first also pays for what functions do once per process.
"""

from __future__ import annotations

import csv
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np
import orjson
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.search.document import embedding_text
from tests.benchmarks.cloud import running_cloud
from tests.benchmarks.titles import TitleMaker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.cloud import Cloud
    from tests.benchmarks.machine import Row

TITLES = 3000
RUNS = 2
EMBEDDED_ALONE = 256
INDEX_SECONDS = 600
POLL_SECONDS = 0.2
SEED = 11
WORDS = ("--provider", "generic", "--preset", "justwatch", "--platform", "netflix")


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    rows: list[Row] = []
    with running_cloud() as cloud:
        model = connect.addresses().artifacts_dir / "models" / "minilm"
        maker = TitleMaker(model, np.random.default_rng(SEED))
        embedder = OnnxEmbedder.load(model)
        for number in range(1, RUNS + 1):
            file = cloud.state / f"bench-{number}.csv"
            records = [_record(maker, number * TITLES + place) for place in range(TITLES)]
            _write(file, records)
            bare = (_insert_alone(records), _embed_alone(embedder, maker))
            rows += _ingested(cloud, file, number, bare)
    return rows


def _ingested(cloud: Cloud, file: Path, number: int, bare: tuple[str, str]) -> list[Row]:
    before, began = _points(), perf_counter()
    report = cloud.mg("ingest", str(file), *WORDS)
    stored = perf_counter() - began
    while _points() < _titles():
        if perf_counter() - began > INDEX_SECONDS:
            raise TimeoutError(f"{_points()} of {_titles()} titles are indexed")
        sleep(POLL_SECONDS)
    indexed, points = perf_counter() - began, _points() - before
    counts = f"{report['stored']:,} stored, {report['set_aside']:,} set aside"
    return [
        (f"file to stored, run {number}: {counts}", _rate(TITLES, stored), bare[0]),
        (f"file to searchable, run {number}: {points:,} points", _rate(points, indexed), bare[1]),
    ]


def _rate(items: int, seconds: float) -> str:
    return f"{items / seconds:,.0f} items/s ({seconds:.1f} s)"


def _titles() -> int:
    with connect.reads().connect() as connection:
        alive = "SELECT count(*) FROM content WHERE deleted_at IS NULL AND merged_into IS NULL"
        return int(connection.execute(text(alive)).scalar_one())


def _points() -> int:
    """Return how many points the vector index holds."""
    at = connect.addresses()
    index = f"projects/{at.project}/locations/{at.location}/indexes/{at.vector_index}"
    found = httpx2.get(f"{at.vertex_url}/v1/{index}").raise_for_status().json()
    return int(found.get("indexStats", {}).get("vectorsCount", 0))


def _insert_alone(records: list[dict[str, Any]]) -> str:
    """How fast the same records go into one table of JSON as one statement."""
    insert = "INSERT INTO alone SELECT value FROM jsonb_array_elements(CAST(:rows AS jsonb))"
    with connect.engine().begin() as connection:
        connection.execute(text("CREATE TEMP TABLE alone (record jsonb) ON COMMIT DROP"))
        began = perf_counter()
        connection.execute(text(insert), {"rows": orjson.dumps(records).decode()})
        return f"one INSERT of them: {_rate(len(records), perf_counter() - began)}"


def _embed_alone(embedder: OnnxEmbedder, maker: TitleMaker) -> str:
    """How fast the model alone embeds such texts, on one thread."""
    texts = [embedding_text(maker.title().document) for _ in range(EMBEDDED_ALONE)]
    began = perf_counter()
    embedder.embed(texts, "document")
    return f"embedding alone: {len(texts) / (perf_counter() - began):,.0f} items/s"


def _record(maker: TitleMaker, number: int) -> dict[str, Any]:
    """Return one row of a JustWatch export; its ids belong to no other row."""
    made = maker.title()
    document = made.document
    is_movie = document.content_type == "movie"
    return {
        "id": f"tm{number}",
        "title": document.title,
        "type": "MOVIE" if is_movie else "SHOW",
        "description": document.overview,
        "release_year": document.release_year,
        "age_certification": "",
        "runtime": made.runtime,
        "genres": str([genre.lower() for genre in document.genres]),
        "production_countries": "['US']",
        "seasons": "" if is_movie else 1,
        "imdb_id": f"tt{number:07}",
        "imdb_score": document.average_rating,
        "imdb_votes": 1000,
        "tmdb_popularity": round(made.popularity * 100, 1),
        "tmdb_score": document.average_rating,
    }


def _write(file: Path, records: list[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
