"""Writes `titles.jsonl.gz`: a developer's tool, called by nothing at run time.

    python -m emulators.providers.sample.build DATA

DATA is the folder with the development catalogues (``catalog/…``, ``search/…``). Without it the
tool says so and leaves the committed file alone. Equal data gives an equal file, byte for byte.
"""

import argparse
import gzip
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from emulators.providers.catalog import SAMPLE, Title
from emulators.providers.platforms import COUNTRIES
from emulators.providers.sample.facts import Known, known_titles
from emulators.providers.sample.grammar import Facts, synopsis
from emulators.providers.sample.offers import offers

SEED: Final = "media-gateway sample 1"
FIRST_ID: Final = 100_001
# The data ends in 2023: a series is not said to run longer.
LAST_YEAR: Final = 2023


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the sample from the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="build", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with the development catalogues")
    parser.add_argument("--output", type=Path, default=SAMPLE)
    options = parser.parse_args(arguments)
    if not (options.data / "catalog").is_dir():
        sys.stderr.write(f"skipped: {options.data} has no development catalogues\n")
        return 0
    titles = [sample_title(known, FIRST_ID + i) for i, known in enumerate(chosen(options.data))]
    write(titles, options.output)
    sys.stderr.write(f"wrote {len(titles)} titles to {options.output}\n")
    return 0


def chosen(data: Path) -> list[Known]:
    """Return the titles of the sample in an order that says nothing about their rank."""
    return sorted(known_titles(data), key=lambda known: known.imdb_id)


def sample_title(known: Known, number: int) -> Title:
    """Return one title: the facts as they are, the rest generated from the seed."""
    # A sequence of its own per title: adding one leaves the others as they were.
    random = Random(f"{SEED}:{known.imdb_id}")  # noqa: S311
    seasons = known.seasons
    return Title(
        sample=True,
        id=str(number),
        imdb_id=known.imdb_id,
        tmdb_id=known.tmdb_id,
        show_type="movie" if known.show_type == "movie" else "series",
        title=known.title,
        original_title=known.original_title,
        year=known.year,
        last_year=min(LAST_YEAR, known.year + seasons - 1) if seasons else None,
        seasons=seasons,
        episodes=seasons * random.randint(6, 13) if seasons else None,
        runtime=known.runtime,
        genres=known.genres,
        directors=known.directors,
        cast=known.cast,
        countries=known.countries,
        language=known.language,
        overview=synopsis(_facts(known), random),
        rating=min(97, max(31, round(random.gauss(68, 12)))),
        popularity=random.randint(1, 100_000),
        offers={country: offers(known, country, SEED) for country in COUNTRIES},
    )


def _facts(known: Known) -> Facts:
    return Facts(
        title=known.title,
        show_type=known.show_type,
        year=known.year,
        genres=known.genres,
        countries=known.countries,
        cast=known.cast,
        directors=known.directors,
    )


def write(titles: Sequence[Title], path: Path) -> None:
    """Write one title a line, packed without a timestamp: equal titles give equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as packed:
        for title in titles:
            packed.write(title.model_dump_json(exclude_defaults=True).encode() + b"\n")
    path.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    sys.exit(main())
