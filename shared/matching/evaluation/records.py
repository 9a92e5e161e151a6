"""Labelled records of several sources, as the items that our own normalizer makes of them.

A folder holds ``records.jsonl.gz`` (one object a line: rid, source, platform, type, title, year,
runtime, genres, countries, seasons, certification, cast, director, description; all but rid,
source, platform and title may be missing) and ``truth.csv.gz`` (rid, imdb_id, confirmed).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.catalog.item import CanonicalItem, Source
from shared.catalog.mapping import ColumnMapping, parse_mapping
from shared.catalog.raw import FieldError
from shared.catalog.tabular import TabularReader
from shared.kernel.errors import InvalidInputError
from shared.matching.evaluation import files

REGION = "US"
AT = datetime(2025, 1, 1, tzinfo=UTC)
MOST_REFUSED = 0.05
"""Share of records beyond which a file is taken for one of another shape (spec/ingestion §5.1)."""
NEEDED = ("rid", "source", "platform", "title")
COLUMNS: dict[str, Any] = {
    "id": "rid",
    "title": "title",
    "type": "type",
    "year": "year",
    "overview": "description",
    "runtime": "runtime",
    "seasons": "seasons",
    "certification": "certification",
    "genres": {"column": "genres"},
    "countries": {"column": "countries"},
    "actors": {"column": "cast"},
    "directors": {"column": "director"},
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One record and the title it is known to speak of.

    Attributes:
        item: What the source says.
        source: Who says it.
        entity: The title; two records match when it is equal.
        confirmed: The label can be relied on.
    """

    item: CanonicalItem
    source: str
    entity: str
    confirmed: bool

    @property
    def half(self) -> int:
        """0 or 1 by a hash of the entity: one half teaches, the other one judges."""
        return sha256(f"half:{self.entity}".encode()).digest()[0] & 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds.

    Attributes:
        records: Those that the normalizer takes, in the order of the file.
        set_aside: Why it does not take the others, with file and line.
    """

    records: list[Labelled]
    set_aside: list[str]


def read_labelled(folder: Path) -> Reading:
    """Return the labelled records of a folder.

    A line that is no record, one without what a record needs or that the truth does not know, and
    one that the normalizer refuses are set aside, as the product sets records aside.

    Raises:
        NotFoundError: A file is missing.
        InvalidInputError: Naming the file, and the line or column at fault; or the first refusal,
            where more than one record in twenty is refused.
    """
    truth = _truth(folder)
    path = files.find(folder, "records.jsonl")
    found: list[Labelled] = []
    refused: list[str] = []
    for number, row in files.numbered(path, refused):
        try:
            item = item_of(_checked(row, truth))
        except FieldError as error:
            refused.append(f"{path}, line {number}: {error}")
            continue
        found.append(Labelled(item, row["source"], *truth[row["rid"]]))
    if len(refused) > MOST_REFUSED * (len(found) + len(refused)):
        raise InvalidInputError(f"{len(refused)} records cannot be used, first {refused[0]}")
    if not found:
        raise InvalidInputError(f"{path} holds no record")
    return Reading(found, refused)


def _checked(row: dict[str, Any], truth: Mapping[str, Any]) -> dict[str, Any]:
    missing = [name for name in NEEDED if not isinstance(row.get(name), str) or not row[name]]
    if missing:
        raise FieldError(missing[0], "is missing")
    if row["rid"] not in truth:
        raise FieldError("rid", f"{row['rid']} is not in the truth")
    return row


def _truth(folder: Path) -> dict[str, tuple[str, bool]]:
    rows = files.table(files.find(folder, "truth.csv"), ("rid", "imdb_id", "confirmed"))
    return {row["rid"]: (row["imdb_id"], row["confirmed"] == "1") for row in rows}


def item_of(row: files.Row) -> CanonicalItem:
    """Return the item of one record.

    Raises:
        FieldError: Naming the column that is not acceptable.
    """
    # Titles without a year beside them carry it themselves, as in ``Matrix;The (1999)``.
    form = "plain" if row.get("year") else "title_year"
    source = Source(provider=row["source"], fetched_at=AT, raw_uri=f"er#{row['rid']}")
    return _reader(str(row["platform"]), form).item(row, source)


@cache
def _reader(platform: str, form: str) -> TabularReader:
    return TabularReader(_mapping(form), platform=platform, region=REGION)


def _mapping(form: str) -> ColumnMapping:
    types = {"movie": "movie", "show": "series", "series": "series"}
    comma = ";" if form == "title_year" else ""
    shape = {"title_form": form, "title_comma": comma, "mojibake": True, "types": types}
    return parse_mapping({"columns": COLUMNS, **shape})
