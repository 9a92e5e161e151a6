"""Titles and filters made at random, of few values, so that many meet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from shared.catalog.values import ContentType, OfferType
from shared.kernel import ids
from shared.search.filters import Filters, GenreMatch, RatingBand
from shared.search.maturity import RatingLimit
from shared.search.resident.rows import OfferRow, TitleRow
from tests.unit.search.resident.judge import TODAY

GENRES = ("Drama", "Comedy", "Crime", "Western")
PLATFORMS = ("netflix", "hulu", "disney_plus")
REGIONS = ("US", "CA")
SPOKEN = ("en", "en-US", "fr", "fr-CA", "es-419")
THEMES = ("heist", "time travel", "küste")
PEOPLE = {"agnes varda": "Agnès Varda", "michael mann": "Michael Mann"}
DAYS = (-400, -30, -3, 0, 3, 30, 400)
RATINGS = (0, 2.5, 4.9, 4.9999, 5, 6.6, 7, 7.3, 7.9999, 8, 10)


def _or_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _some(*values: Any, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:  # noqa: ANN401 - values of any field
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True).map(tuple)


def moment(days: int, microseconds: int) -> float:
    """Return a moment that lies so far from `TODAY`."""
    return (TODAY + timedelta(days=days, microseconds=microseconds)).timestamp()


MOMENTS = st.builds(moment, st.sampled_from(DAYS), st.integers(-1, 1))
OFFERS = st.builds(
    OfferRow,
    platform=st.sampled_from(PLATFORMS),
    region=st.sampled_from(REGIONS),
    offer_type=st.sampled_from([str(kind) for kind in OfferType]),
    audio=_some(*SPOKEN),
    since=MOMENTS,
    starts=_or_none(MOMENTS),
    ends=_or_none(MOMENTS),
)
_TITLES = st.builds(
    TitleRow,
    id=st.just(""),
    title=st.sampled_from(["Heat", "Amélie", "千と千尋の神隠し"]),
    key=st.just(""),
    content_type=st.sampled_from(["movie", "series", "special"]),
    year=_or_none(st.sampled_from([1925, 1979, 1980, 1989, 1990, 2020, 2029])),
    runtime=_or_none(st.sampled_from([60, 90, 95, 140])),
    maturity=_or_none(st.integers(0, 4)),
    quality=st.sampled_from([0, 0.3, 0.6, 1]),
    popularity=st.sampled_from([0, 0.1, 0.5, 0.5001, 1]),
    prior=st.sampled_from([0, 0.3333, 1]),
    average_rating=_or_none(st.sampled_from(RATINGS)),
    genres=_some(*GENRES, "Telenovela"),
    themes=_some(*THEMES),
    people=_some(*PEOPLE),
    offers=st.lists(OFFERS, max_size=4).map(tuple),
)
TITLES = st.lists(_TITLES, max_size=30).map(
    lambda titles: [_named(title, number) for number, title in enumerate(titles)]
)
"""Each with an id of its own, in no order."""


def _named(title: TitleRow, number: int) -> TitleRow:
    fields = {name: getattr(title, name) for name in TitleRow.__slots__}
    return TitleRow(**fields | {"id": str(ids.named(f"title {number}"))})


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "genres": _some(*GENRES, "Horror", least=1),
    "genre_match": st.sampled_from(GenreMatch),
    "blocked_genres": _some(*GENRES, "Horror", least=1),
    "content_rating_limit": st.sampled_from(RatingLimit),
    "allow_unrated": st.booleans(),
    "platforms": _some(*PLATFORMS, "unheard_of", least=1),
    "region": _some(*REGIONS, "GB", least=1),
    "content_types": _some(*ContentType, least=1),
    "availability_types": _some(*OfferType, least=1),
    "free_only": st.booleans(),
    "year_from": st.sampled_from([1925, 1980, 1990]),
    "year_to": st.sampled_from([1990, 2020, 2029]),
    "years": _some("Classic", "1980s", "1990s", "2020s", "2000s", least=1),
    "min_runtime": st.sampled_from([60, 61, 90]),
    "max_runtime": st.sampled_from([95, 96, 140]),
    "min_rating": st.sampled_from([0, 4.9999, 5, 6.6]),
    "max_rating": st.sampled_from([7, 7.3, 8, 10]),
    "ratings": _some(*RatingBand, least=1),
    "languages": _some("en", "fr", "fr-CA", "es", "de", least=1),
    "keywords": _some("Heist", "time travel", "KÜSTE", "unheard of", least=1),
    "creators": _some(*PEOPLE.values(), "Nobody", least=1),
    "min_data_quality_score": st.sampled_from([0, 0.3, 0.6, 1]),
    "leaving_days": st.sampled_from([3, 30, 90]),
    "added_days": st.sampled_from([3, 30, 365]),
}


@st.composite
def asked(draw: st.DrawFn, most: int = 4) -> Filters:
    """Return filters of which at most so many ask for something."""
    names = draw(st.lists(st.sampled_from(sorted(_VALUES)), max_size=most, unique=True))
    return Filters(**{name: draw(_VALUES[name]) for name in names})


def is_every_filter_asked() -> bool:
    """Tell whether no filter is left out."""
    return _VALUES.keys() == Filters.model_fields.keys()
