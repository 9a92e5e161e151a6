"""Titles that differ in everything a filter asks for, and filters judged by hand."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from shared.catalog.values import GENRES, OfferType
from tests.fakes.catalog import NOW, known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.catalog.item import CanonicalItem, Offer
    from shared.search.filters import Filters

COUNT = 80
TODAY = NOW + timedelta(days=30)
GENRES_USED = tuple(sorted(GENRES)[:5])
RANKS = {"G": 0, "TV-PG": 1, "PG-13": 2, "R": 3, "NC-17": 4}
UNRATED = 3
PEOPLE = ("Agnès Varda", "Bong Joon-ho", "Michael Mann")
THEMES = ("heist", "time travel", "small town")
PLATFORMS = ("netflix", "hulu", "disney_plus")
REGIONS = ("US", "CA", "GB")
HIDDEN = frozenset(f"Film {number}" for number in range(0, COUNT, 9))
"""Titles whose offers nobody has confirmed for too long."""
AUDIO = ("en-US", "fr", "fr-CA", "es-419")
_FROM = (None, -3, -40, 5)
_UNTIL = (None, None, -1, 3, 20)


def titles(seed: int = 11) -> dict[str, list[CanonicalItem]]:
    """Return titles by name; of each, one item per platform and region that offers it."""
    random = Random(seed)
    return {f"Film {number}": _items(random, number) for number in range(COUNT)}


def _items(random: Random, number: int) -> list[CanonicalItem]:
    verdict = random.choice([None, *RANKS])
    traits: dict[str, Any] = {
        "content_type": random.choice(["movie", "series"]),
        "release_year": random.choice([None, *range(1965, 2027, 3)]),
        "runtime_minutes": random.choice([None, 60, 95, 140]),
        "genres": tuple(random.sample(GENRES_USED, random.randint(0, 3))),
        "overview": random.choice([None, "One of seven stories", "Seven more of them"]),
        "themes": tuple(random.sample(THEMES, random.randint(0, 2))),
        "user_rating": random.choice([None, 2.5, 4.9, 5, 6.6, 7, 7.9, 8, 9.1]),
        "popularity": round(random.random(), 3),
        "maturity": verdict and {"system": "board", "value": verdict},
        "credits": ({"name": random.choice(PEOPLE), "role": "director"},),
        "external_ids": {"imdb": f"tt7{number:06}"},
    }
    places = random.sample([(p, r) for p in PLATFORMS for r in REGIONS], random.randint(1, 3))
    return [
        known(f"Film {number}", number, platform=p, region=r, offers=(_offer(random),), **traits)
        for p, r in places
    ]


def _offer(random: Random) -> dict[str, Any]:
    begun, over = random.choice(_FROM), random.choice(_UNTIL)
    return {
        "type": random.choice([str(kind) for kind in OfferType]),
        "audio": tuple(random.sample(AUDIO, random.randint(0, 2))),
        "available_from": None if begun is None else TODAY + timedelta(days=begun),
        "expires_at": None if over is None else TODAY + timedelta(days=over),
    }


def passes(title: Sequence[CanonicalItem], filters: Filters) -> bool:
    """Judge one title as `TODAY` is."""
    wanted = filters.model_dump(exclude_defaults=True)
    asked = [name for name in wanted if name in OF_TITLE]
    of_offers = [name for name in wanted if name in OF_OFFER]
    return all(OF_TITLE[name](title[0], filters) for name in asked) and (
        not of_offers
        or any(
            item.title not in HIDDEN
            and _is_live(offer)
            and all(OF_OFFER[name](item, offer, filters) for name in of_offers)
            for item in title
            for offer in item.offers
        )
    )


def _is_live(offer: Offer) -> bool:
    begun, over = offer.available_from or NOW, offer.expires_at
    return begun <= TODAY and (over is None or over > TODAY)


def _rank(item: CanonicalItem) -> int:
    return RANKS[item.maturity.value] if item.maturity else UNRATED


def _is_fit(item: CanonicalItem, filters: Filters) -> bool:
    lenient = filters.allow_unrated and item.maturity is None
    return lenient or _rank(item) <= (filters.maturity_rank or 0)


def _genres(item: CanonicalItem, filters: Filters) -> bool:
    judge = all if filters.genre_match == "all" else any
    return judge(genre in item.genres for genre in filters.genres) or not filters.genres


def decade(item: CanonicalItem) -> str | None:
    """Return the decade of a title, None where its year is unknown."""
    year = item.release_year
    return None if year is None else f"{year - year % 10}s" if year >= 1980 else "Classic"


def band(item: CanonicalItem) -> str:
    """Return the band of a title's rating."""
    low_ends = {8: "Excellent", 7: "Good", 5: "Average", 0: "Below average"}
    if item.user_rating is None:
        return "Unrated"
    return next(name for low, name in low_ends.items() if item.user_rating >= low)


OF_TITLE: dict[str, Callable[[CanonicalItem, Filters], bool]] = {
    "genres": _genres,
    "genre_match": _genres,
    "blocked_genres": lambda i, f: not {*i.genres} & {*f.blocked_genres},
    "content_rating_limit": _is_fit,
    "allow_unrated": lambda *_: True,
    "content_types": lambda i, f: i.content_type in f.content_types,
    "year_from": lambda i, f: (i.release_year or 0) >= (f.year_from or 0),
    "year_to": lambda i, f: (i.release_year or 9999) <= (f.year_to or 0),
    "years": lambda i, f: decade(i) in f.years,
    "min_runtime": lambda i, f: (i.runtime_minutes or 0) >= (f.min_runtime or 0),
    "max_runtime": lambda i, f: (i.runtime_minutes or 9999) <= (f.max_runtime or 0),
    "min_rating": lambda i, f: (i.user_rating or -1) >= (f.min_rating or 0),
    "max_rating": lambda i, f: (i.user_rating or 99) <= (f.max_rating or 0),
    "ratings": lambda i, f: band(i) in f.ratings,
    "keywords": lambda i, f: bool({*i.themes} & {*f.keywords}),
    "creators": lambda i, f: i.credits[0].name in f.creators,
}
OF_OFFER: dict[str, Callable[[CanonicalItem, Offer, Filters], bool]] = {
    "platforms": lambda i, _, f: i.platform in f.platforms,
    "region": lambda i, _, f: i.region in f.region,
    "availability_types": lambda _, o, f: f.free_only or o.type in f.availability_types,
    "free_only": lambda _, o, f: not f.free_only or o.type in {"free", "ads"},
    "languages": lambda _, o, f: any(
        tag in f.languages or tag.partition("-")[0] in f.languages for tag in o.audio
    ),
    "leaving_days": lambda _, o, f: (
        o.expires_at is not None and o.expires_at <= TODAY + timedelta(days=f.leaving_days or 0)
    ),
    "added_days": lambda _, o, f: (
        (o.available_from or NOW) >= TODAY - timedelta(days=f.added_days or 0)
    ),
}
