"""Column mappings: how the columns of a file become the fields of a canonical item.

A mapping is data, written by us (``data/presets/*.json``) or by a user (docs/mapping.md).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.catalog.item import PlatformId
from shared.catalog.values import ContentType, OfferType
from shared.kernel.errors import FieldIssue, InvalidInputError, NotFoundError

PRESETS = Path(__file__).parent / "data" / "presets"

Split = Literal["python", "json", ",", "|", ";", "/"]
Column = str


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListColumn(_Part):
    """A column with several values.

    Attributes:
        column: Its name.
        split: A separator, or ``python`` / ``json`` for a list written out.
        together: Values that contain the separator and are one value all the same.
    """

    column: Column
    split: Split = ","
    together: tuple[str, ...] = ()


class Columns(_Part):
    """Which column holds what; a field without a column is not taken from the file."""

    title: Column
    id: Column | None = None
    original_title: Column | None = None
    type: Column | None = None
    year: Column | None = None
    release_date: Column | None = None
    overview: Column | None = None
    runtime: Column | None = None
    duration: Column | None = None
    seasons: Column | None = None
    episodes: Column | None = None
    certification: Column | None = None
    genres: ListColumn | None = None
    themes: ListColumn | None = None
    countries: ListColumn | None = None
    actors: ListColumn | None = None
    directors: ListColumn | None = None
    writers: ListColumn | None = None
    creators: ListColumn | None = None
    imdb: Column | None = None
    tmdb: Column | None = None
    tvdb: Column | None = None
    eidr: Column | None = None
    user_rating: Column | None = None
    vote_count: Column | None = None
    popularity: Column | None = None
    link: Column | None = None
    price: Column | None = None
    currency: Column | None = None
    available_from: Column | None = None
    expires_at: Column | None = None
    available_in: ListColumn | None = None


class ColumnMapping(_Part):
    """How to read one kind of file.

    Attributes:
        columns: Which column holds what.
        delimiter: Between the columns of a CSV file.
        types: What the type column says, lower case, and what it means here.
        type: Type of every row of a file without a type column.
        id_prefix: Put before ids that are not the platform's own, so that no link is made of them.
        title_form: ``plain``, or ``title_year`` for ``Matrix, The (1999)``.
        title_comma: What stands for a comma in titles, where commas were replaced.
        duration_in_certification: Some rows carry the duration in the certification's column.
        mojibake: Texts were decoded as Windows-1252 once too often, and carry HTML entities.
        day_first: Dates with slashes are day/month, not month/day.
        rating_scale: Highest user rating; ratings come to be 0–10.
        popularity_top: Raw popularity that counts as 1; the scale is logarithmic.
        platform: Platform of the items where the command names none.
        offer: Kind of offer that a row stands for; None where being listed says nothing.
        tier: Its subscription tier.
    """

    columns: Columns
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    types: Mapping[str, ContentType] = Field(default_factory=dict)
    type: ContentType = ContentType.UNKNOWN
    id_prefix: str = Field(default="", pattern=r"^([a-z]+:)?$")
    title_form: Literal["plain", "title_year"] = "plain"
    title_comma: str = Field(default="", max_length=1)
    duration_in_certification: bool = False
    mojibake: bool = False
    day_first: bool = False
    rating_scale: float = Field(default=10, gt=0)
    popularity_top: float = Field(default=1000, gt=0)
    platform: PlatformId | None = None
    offer: OfferType | None = None
    tier: str | None = Field(default=None, max_length=60)

    def column_names(self) -> tuple[str, ...]:
        """Return every column that is read, without repetition."""
        given = (value for _, value in self.columns if value is not None)
        return tuple(dict.fromkeys(v.column if isinstance(v, ListColumn) else v for v in given))


def parse_mapping(given: Mapping[str, Any]) -> ColumnMapping:
    """Return the mapping that a user wrote.

    Raises:
        InvalidInputError: Naming every key that is not acceptable.
    """
    try:
        return ColumnMapping.model_validate(given)
    except ValidationError as error:
        issues = [
            FieldIssue(
                ".".join(map(str, e["loc"])) or "mapping", e["type"].replace("_", "-"), e["msg"]
            )
            for e in error.errors(include_url=False)
        ]
        raise InvalidInputError("the mapping cannot be used", issues=issues) from None


def chosen_mapping(name: str, given: Mapping[str, Any] | None) -> ColumnMapping:
    """Return the mapping a user wrote, else the preset of that name.

    Raises:
        InvalidInputError: There is neither, or the user's is not acceptable.
        NotFoundError: There is no preset of that name.
    """
    if given is not None:
        return parse_mapping(given)
    if not name:
        raise InvalidInputError("a file needs a preset or a mapping")
    return preset(name)


@cache
def preset(name: str) -> ColumnMapping:
    """Return a mapping of ours by its name.

    Raises:
        NotFoundError: There is none of that name; the message lists those there are.
    """
    if name not in presets():
        raise NotFoundError(f"there is no preset {name!r}; there are {', '.join(presets())}")
    given = orjson.loads((PRESETS / f"{name}.json").read_bytes())
    return parse_mapping({key: value for key, value in given.items() if key != "_about"})


@cache
def presets() -> tuple[str, ...]:
    """Return the names of our mappings."""
    return tuple(sorted(file.stem for file in PRESETS.glob("*.json")))
