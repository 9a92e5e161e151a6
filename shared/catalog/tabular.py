"""Rows of a file, as canonical items, by a column mapping.

A reader is made once per page: it knows which of the mapping's columns exist, so that a row costs
only the fields its file has.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import log1p
from typing import Any

from pydantic import ValidationError

from shared.catalog import texts
from shared.catalog.feeds.fields import imdb_id, shortened
from shared.catalog.genres import map_genres
from shared.catalog.item import CanonicalItem, Source
from shared.catalog.mapping import ColumnMapping, ListColumn
from shared.catalog.maturity import maturity_of
from shared.catalog.money import minor_units
from shared.catalog.platforms import platforms, tier_of
from shared.catalog.raw import FieldError, shown
from shared.catalog.streaming_availability import MAX_CREDITS, MAX_MAKERS
from shared.catalog.values import ContentType, OfferType
from shared.kernel.text import fold

MAX_THEMES = 30
_TMDB = {
    ContentType.SERIES: "tmdb_tv",
    ContentType.SEASON: "tmdb_tv",
    ContentType.EPISODE: "tmdb_tv",
}
_PEOPLE = (("directors", "director"), ("creators", "creator"), ("writers", "writer"))

Row = Mapping[str, Any]


class TabularReader:
    """Makes items of the rows of one file.

    Args:
        mapping: Which column holds what.
        platform: Whose catalog the file is.
        region: Country of the catalog, ISO 3166-1 α-2.
    """

    def __init__(self, mapping: ColumnMapping, *, platform: str, region: str) -> None:
        self._mapping = mapping
        self._platform = platform
        self._region = region
        self._columns = mapping.columns
        self._tier = mapping.tier or _tier(platform, mapping.offer)

    def item(self, row: Row, source: Source) -> CanonicalItem:
        """Return the item of a row.

        Raises:
            FieldError: Naming the row's column that is not acceptable.
        """
        found = self._fields(row)
        try:
            return CanonicalItem.model_validate({**found, "source": source})
        except ValidationError as error:
            raise self._blamed(error) from None

    def _blamed(self, error: ValidationError) -> FieldError:
        """Return pydantic's first complaint in the words of the file."""
        issue = error.errors(include_url=False)[0]
        field = str(issue["loc"][0])
        named = getattr(self._columns, _COLUMN_OF.get(field, field), None)
        column = named.column if isinstance(named, ListColumn) else named
        return FieldError(column or field, f"{issue['msg']}, got {shown(issue['input'])}")

    def _fields(self, row: Row) -> dict[str, Any]:
        title, other_title, title_year = self._title(row)
        kind = self._type(row)
        year = self._value(row, "year", texts.whole) or title_year
        runtime, seasons, certificate = self._extent(row)
        ids = self._external_ids(row, kind)
        mapped = map_genres(self._list(row, "genres"), platform=self._platform)
        self._check_shift(row)
        return {
            "platform": self._platform,
            "platform_content_id": self._id(row, title, year, kind),
            "region": self._region,
            "title": title,
            "original_title": self._text(row, "original_title") or other_title,
            "overview": shortened(self._text(row, "overview") or "") or None,
            "content_type": kind,
            "release_year": year,
            "release_date": self._date(row, year),
            "runtime_minutes": runtime or None,
            "genres": mapped.genres,
            "themes": self._themes(row, mapped.themes),
            "countries": self._countries(row),
            "credits": self._credits(row),
            "external_ids": ids,
            "offers": self._offers(row),
            "maturity": certificate,
            "series": self._series(row, kind, seasons),
            **self._scores(row),
        }

    def _value(self, row: Row, field: str, read: Callable[[object], Any]) -> Any:  # noqa: ANN401 - read's own
        column = getattr(self._columns, field)
        if column is None:
            return None
        value = row.get(column)
        if value is None or value == "":
            return None
        try:
            return read(value)
        except ValueError as error:
            raise FieldError(column, f"{shown(value)} {error}") from None

    def _text(self, row: Row, field: str) -> str | None:
        found: str | None = self._value(row, field, texts.text)
        return texts.repaired(found) if found and self._mapping.mojibake else found

    def _list(self, row: Row, field: str) -> tuple[str, ...]:
        spec: ListColumn | None = getattr(self._columns, field)
        if spec is None:
            return ()
        value = row.get(spec.column)
        if value is None or value == "":
            return ()
        try:
            found = texts.listed(value, spec.split, together=spec.together)
        except ValueError as error:
            raise FieldError(spec.column, f"{shown(value)} {error}") from None
        return tuple(texts.repaired(v) for v in found) if self._mapping.mojibake else found

    def _title(self, row: Row) -> tuple[str, str | None, int | None]:
        given = self._text(row, "title")
        if not given:
            raise FieldError(self._columns.title, "is missing")
        if self._mapping.title_form == "plain":
            return given, None, None
        return texts.title_and_year(given, comma=self._mapping.title_comma)

    def _type(self, row: Row) -> ContentType:
        if self._columns.type is None:
            return self._mapping.type
        said = str(row.get(self._columns.type) or "").strip().lower()
        return self._mapping.types.get(said) or _known_type(said)

    def _id(self, row: Row, title: str, year: int | None, kind: ContentType) -> str:
        own = self._text(row, "id")
        if own:
            return self._mapping.id_prefix + own
        return stable_id(title, year, kind)

    def _extent(self, row: Row) -> tuple[int | None, int | None, dict[str, str] | None]:
        """Return minutes, seasons and certificate; a duration in the wrong column is put right."""
        said = self._text(row, "certification") or ""
        length = self._text(row, "duration") or ""
        misplaced = self._mapping.duration_in_certification and texts.duration(said) is not None
        if misplaced:
            said, length = "", length or said
        minutes, seasons = self._duration(length)
        certificate = maturity_of(said)
        return (
            minutes or self._value(row, "runtime", texts.whole),
            seasons or self._value(row, "seasons", texts.whole),
            {"system": certificate[0], "value": certificate[1]} if certificate else None,
        )

    def _duration(self, length: str) -> tuple[int | None, int | None]:
        if texts.nothing(length):
            return None, None
        found = texts.duration(length)
        if found is None:
            raise FieldError(
                self._columns.duration or "duration", f"{shown(length)} is no duration"
            )
        return found

    def _date(self, row: Row, year: int | None) -> Any:  # noqa: ANN401 - a date or nothing
        slashes = self._mapping.day_first
        return self._value(
            row, "release_date", lambda value: texts.day(str(value), day_first=slashes, near=year)
        )

    def _themes(self, row: Row, from_genres: tuple[str, ...]) -> tuple[str, ...]:
        named = (theme.lower() for theme in self._list(row, "themes"))
        return tuple(dict.fromkeys((*from_genres, *named)))[:MAX_THEMES]

    def _countries(self, row: Row) -> tuple[str, ...]:
        codes = (texts.country(name) for name in self._list(row, "countries"))
        return tuple(dict.fromkeys(code for code in codes if code))

    def _credits(self, row: Row) -> list[dict[str, Any]]:
        people = [
            {"name": name, "role": role}
            for field, role in _PEOPLE
            for name in self._list(row, field)[:MAX_MAKERS]
        ]
        actors = ({"name": name, "role": "actor"} for name in self._list(row, "actors"))
        kept = [*people, *actors][:MAX_CREDITS]
        return [{**person, "order": order} for order, person in enumerate(kept)]

    def _external_ids(self, row: Row, kind: ContentType) -> dict[str, str]:
        columns = self._columns
        found: dict[str, str] = {}
        if columns.imdb and (imdb := imdb_id(row.get(columns.imdb), columns.imdb)):
            found["imdb"] = imdb
        for field, name in (("tmdb", _TMDB.get(kind, "tmdb_movie")), ("tvdb", "tvdb")):
            number = self._value(row, field, texts.whole)
            if number:
                found[name] = str(number)
        if eidr := self._text(row, "eidr"):
            found["eidr"] = eidr.upper()
        return found

    def _offers(self, row: Row) -> list[dict[str, Any]]:
        """Return the offer a row stands for; none where the file says it is elsewhere only."""
        if self._mapping.offer is None:
            return []
        available_in = self._list(row, "available_in")
        if available_in and self._region not in available_in:
            return []
        price, currency = self._price(row)
        offer = {
            "type": self._mapping.offer,
            "tier": self._tier,
            "price_minor": price,
            "currency": currency,
            "link": self._text(row, "link"),
            "available_from": self._moment(row, "available_from"),
            "expires_at": self._moment(row, "expires_at"),
        }
        return [offer]

    def _price(self, row: Row) -> tuple[int | None, str | None]:
        amount, currency = self._text(row, "price"), self._text(row, "currency")
        if amount is None:
            return None, None
        if currency is None:
            raise FieldError(self._columns.price or "price", "has no currency beside it")
        try:
            return minor_units(amount, currency.upper()), currency.upper()
        except ValueError as error:
            raise FieldError(self._columns.price or "price", str(error)) from None

    def _moment(self, row: Row, field: str) -> datetime | None:
        slashes = self._mapping.day_first
        found: datetime | None = self._value(
            row, field, lambda value: texts.moment(value, day_first=slashes)
        )
        return found.astimezone(UTC) if found else None

    def _series(self, row: Row, kind: ContentType, seasons: int | None) -> dict[str, Any] | None:
        episodes = self._value(row, "episodes", texts.whole)
        if kind is not ContentType.SERIES or (seasons is None and episodes is None):
            return None
        return {"seasons": seasons, "episodes": episodes}

    def _scores(self, row: Row) -> dict[str, Any]:
        """Return rating, votes and popularity on our scales; 0 of 0 votes is no rating."""
        votes = self._value(row, "vote_count", texts.whole)
        rating = self._value(row, "user_rating", texts.number)
        if rating is not None:
            rating = round(rating * 10 / self._mapping.rating_scale, 2)
        raw = self._value(row, "popularity", texts.number)
        return {
            "user_rating": rating if rating or votes else None,
            "vote_count": votes,
            "popularity": None if raw is None else self._popularity(raw),
        }

    def _popularity(self, raw: float) -> float:
        return round(min(1.0, log1p(max(0.0, raw)) / log1p(self._mapping.popularity_top)), 4)

    def _check_shift(self, row: Row) -> None:
        """Refuse a row whose title was torn apart at a comma (``6``, ``000 Enemies (1939)``)."""
        if self._mapping.title_form == "plain" or self._columns.genres is None:
            return
        genres = str(row.get(self._columns.genres.column) or "")
        if genres.rstrip().endswith(")") and texts.title_and_year(genres)[2] is not None:
            message = f"{shown(genres)} is the rest of a title: the row's columns are shifted"
            raise FieldError(self._columns.genres.column, message)


_COLUMN_OF = {
    "platform_content_id": "id",
    "release_year": "year",
    "runtime_minutes": "runtime",
    "maturity": "certification",
    "credits": "actors",
    "external_ids": "imdb",
    "series": "seasons",
}


@lru_cache(maxsize=64)
def _known_type(said: str) -> ContentType:
    """Return the type that goes by our own name for it; unknown otherwise, never a movie."""
    return ContentType(said) if said in set(ContentType) else ContentType.UNKNOWN


def _tier(platform: str, offer: OfferType | None) -> str | None:
    known = platforms().get(platform)
    return tier_of(known, offer, flags=frozenset()) if known and offer else None


def stable_id(title: str, year: int | None, kind: ContentType) -> str:
    """Return the id of a listing that has none: the same for the same title, year and type."""
    said = "\x1f".join((fold(title) or title, str(year or ""), kind.value))
    return "h:" + hashlib.sha256(said.encode()).hexdigest()[:24]
