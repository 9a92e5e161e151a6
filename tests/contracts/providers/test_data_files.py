"""The real catalog files beside the project: nothing is lost on the way to items."""

import csv
import gzip
from pathlib import Path

import pytest

from shared.adapters.providers.file_source import FileSource
from shared.catalog.mapping import preset
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import RawPage
from shared.kernel.clock import FixedClock

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "catalog"
PRESETS = {
    "justwatch_2022": "justwatch",
    "justwatch_2023": "justwatch",
    "imdb_listing_2025": "imdb_listing",
    "platform_native_2021": "platform_native",
    "tmdb_movies_to_2015.csv.gz": "tmdb",
    "ml25m_movies_links.csv.gz": "movielens",
}
FILES = sorted(file for name in PRESETS for file in (FOLDER / name).rglob("*.csv.gz")) + sorted(
    FOLDER.glob("*.csv.gz")
)


def _name(file: Path) -> str:
    return PRESETS[file.relative_to(FOLDER).parts[0]]


@pytest.mark.skipif(not FILES, reason="the data lies beside the project and is not here")
@pytest.mark.soak
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_row_is_an_item_or_set_aside(file: Path) -> None:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        there_are = sum(1 for _ in csv.reader(rows)) - 1
    items = errors = 0

    for delivery in FileSource(file, preset(_name(file))).pages(None):
        page = RawPage(
            provider="generic",
            platform="" if preset(_name(file)).platform else "netflix",
            region="US",
            preset=_name(file),
            fetched_at=FixedClock().now(),
            records=list(delivery.records),
        )
        found = normalize_page(page, "generic/netflix-US/run/00001.json.gz")
        items, errors = items + len(found.items), errors + len(found.errors)

    assert items + errors == there_are
    assert errors <= 0.07 * there_are
