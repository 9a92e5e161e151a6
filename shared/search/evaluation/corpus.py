"""Films of a corpus as the canonical items that ingestion stores.

A corpus is a file of JSON lines in TMDB's words: ``tmdb_id`` and ``title``, and whatever there is
of ``original_title``, ``alt_titles``, ``year``, ``release_date``, ``genres``, ``keywords``,
``cast``, ``director``, ``overview``, ``runtime``, ``vote_average``, ``vote_count``, ``popularity``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.catalog.item import CanonicalItem, Source
from shared.catalog.mapping import ColumnMapping, Columns, ListColumn
from shared.catalog.raw import FieldError
from shared.catalog.tabular import TabularReader
from shared.catalog.values import ContentType
from shared.kernel.errors import InvalidInputError
from shared.matching.evaluation import files

CORPUS = "tmdb_corpus.jsonl"
PLATFORM, REGION = "tmdb", "US"
MAPPING = ColumnMapping(
    columns=Columns(
        id="tmdb_id",
        tmdb="tmdb_id",
        title="title",
        original_title="original_title",
        year="year",
        release_date="release_date",
        genres=ListColumn(column="genres", split="json"),
        themes=ListColumn(column="keywords", split="json"),
        actors=ListColumn(column="cast", split="json"),
        directors=ListColumn(column="director", split="json"),
        overview="overview",
        runtime="runtime",
        user_rating="vote_average",
        vote_count="vote_count",
        popularity="popularity",
    ),
    type=ContentType.MOVIE,
)


@dataclass(frozen=True)
class Corpus:
    """What a file tells.

    Attributes:
        items: Its films.
        left_out: Of each row that ingestion would set aside: which one, and why.
    """

    items: Sequence[CanonicalItem]
    left_out: Sequence[str]


def read_corpus(path: Path, at: datetime) -> Corpus:
    """Return what a file tells.

    Raises:
        InvalidInputError: The file has another shape, or holds no film.
    """
    reader = TabularReader(MAPPING, platform=PLATFORM, region=REGION)
    items: list[CanonicalItem] = []
    left_out: list[str] = []
    for number, row in enumerate(files.objects(path)):
        source = Source(provider="corpus", fetched_at=at, raw_uri=f"{path.name}#{number}")
        try:
            item = reader.item(_told(row), source)
        except FieldError as error:
            left_out.append(f"{source.raw_uri}: {error}")
        else:
            items.append(item.model_copy(update={"titles": _other_titles(row)}))
    if not items:
        raise InvalidInputError(f"{path} holds no film")
    return Corpus(items, left_out)


def _told(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row with a popularity: what nobody speaks of in such a corpus has none.

    A catalog takes .5 where a source does not say, which puts the unknown films of a corpus before
    most of its known ones.
    """
    return {**row, "popularity": row.get("popularity") or 0}


def _other_titles(row: Mapping[str, Any]) -> dict[str, str]:
    """Return alternative titles under private-use tags: the file names no language (BCP 47)."""
    others: Iterable[Any] = row.get("alt_titles") or ()
    return {f"x-{number}": other for number, other in enumerate(others) if isinstance(other, str)}
