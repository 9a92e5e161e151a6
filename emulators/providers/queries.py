"""Query parameters as the service takes them: read, checked, with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from emulators.core import errors
from emulators.providers.catalog import Offer, ShowType, Title
from emulators.providers.platforms import ADDONS, COUNTRIES, GENRES, OPTION_TYPES, SERVICES
from emulators.providers.shows import Granularity

OrderBy = Literal[
    "original_title",
    "release_date",
    "rating",
    "popularity_alltime",
    "popularity_1year",
    "popularity_1month",
    "popularity_1week",
]
ChangeType = Literal["new", "removed", "updated", "expiring", "upcoming"]
ItemType = Literal["show", "season", "episode"]

ORDERS: Final[tuple[OrderBy, ...]] = get_args(OrderBy)
CHANGE_TYPES: Final[tuple[ChangeType, ...]] = get_args(ChangeType)
ITEM_TYPES: Final[tuple[ItemType, ...]] = get_args(ItemType)
SHOW_TYPES: Final[tuple[ShowType, ...]] = get_args(ShowType)
GRANULARITIES: Final[tuple[Granularity, ...]] = get_args(Granularity)

MOST_CATALOGS: Final = 32
LONGEST_SECONDS: Final = 31 * 86_400
# A client's clock and ours may differ a little.
GRACE_SECONDS: Final = 60
LANGUAGES: Final = ("en", "es", "tr", "fr")

Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True)
class Catalog:
    """``netflix``, ``prime.rent`` or ``prime.addon.hbomaxus``; empty parts match everything."""

    service: str
    type: str = ""
    addon: str = ""

    def holds(self, offer: Offer) -> bool:
        """Tell whether ``offer`` is of this catalog."""
        return (
            offer.service == self.service
            and self.type in {"", offer.type}
            and self.addon in {"", offer.addon}
        )


@dataclass(frozen=True)
class SearchQuery:
    """Parameters of ``/shows/search/filters``."""

    country: str
    catalogs: tuple[Catalog, ...]
    show_type: ShowType | None
    genres: tuple[str, ...]
    any_genre: bool
    language: str
    years: tuple[int, int]
    ratings: tuple[int, int]
    keyword: str
    granularity: Granularity
    order_by: OrderBy
    descending: bool
    cursor: str


@dataclass(frozen=True)
class ChangesQuery:
    """Parameters of ``/changes``; ``since`` and ``until`` are inclusive unix seconds."""

    country: str
    change_type: ChangeType
    item_type: ItemType
    catalogs: tuple[Catalog, ...]
    show_type: ShowType | None
    since: int
    until: int
    descending: bool
    cursor: str


class Parameters:
    """The raw parameters of one call; every method names the parameter in its error."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """Return a free text, "" when absent."""
        return self._values.get(name, "").strip()

    def required(self, name: str) -> str:
        """Return a value that must be there."""
        value = self.text(name)
        if not value:
            raise errors.invalid_argument(f"missing required parameter: {name}")
        return value

    def choice(self, name: str, choices: tuple[Choice, ...]) -> Choice | None:
        """Return one of ``choices``, None when absent."""
        value = self.text(name)
        for option in choices:
            if option == value:
                return option
        if value:
            raise errors.invalid_argument(f"invalid {name}: {value}")
        return None

    def one_of(self, name: str, choices: tuple[Choice, ...]) -> Choice:
        """Return one of ``choices``, which must be there."""
        value = self.choice(name, choices)
        if value is None:
            raise errors.invalid_argument(f"missing required parameter: {name}")
        return value

    def integer(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.text(name)
        try:
            return int(value) if value else default
        except ValueError:
            raise errors.invalid_argument(f"invalid {name}: {value}") from None

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a comma-separated list, empty when absent."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def country(self) -> str:
        """Return a country that is served."""
        code = self.required("country").lower()
        if code not in COUNTRIES:
            raise errors.invalid_argument(f"invalid country: {code}")
        return code

    def catalogs(self) -> tuple[Catalog, ...]:
        """Return the catalogs asked for, none for all."""
        names = self.parts("catalogs")
        if len(names) > MOST_CATALOGS:
            raise errors.invalid_argument(f"catalogs: at most {MOST_CATALOGS}, not {len(names)}")
        return tuple(parse_catalog(name) for name in names)

    def granularity(self, default: Granularity) -> Granularity:
        """Return how much of a series to show."""
        return self.choice("series_granularity", GRANULARITIES) or default

    def check_language(self) -> None:
        """Refuse an output language the service does not have."""
        self.choice("output_language", LANGUAGES)


def parse_catalog(name: str) -> Catalog:
    """Return the catalog of ``service[.type[.addon]]``."""
    service, _, rest = name.partition(".")
    kind, _, addon = rest.partition(".")
    known = service in SERVICES and kind in {"", *OPTION_TYPES}
    if not known or (addon and (kind != "addon" or (service, addon) not in ADDONS)):
        raise errors.invalid_argument(f"invalid catalog: {name}")
    return Catalog(service, kind, addon)


def search_query(parameters: Parameters) -> SearchQuery:
    """Return the parameters of a search by filters."""
    parameters.check_language()
    order_by = parameters.choice("order_by", ORDERS) or "original_title"
    genres = parameters.parts("genres")
    for genre in genres:
        if genre not in GENRES:
            raise errors.invalid_argument(f"invalid genre: {genre}")
    direction = parameters.choice("order_direction", ("asc", "desc"))
    ascending_by_default = order_by in {"original_title", "release_date"}
    return SearchQuery(
        country=parameters.country(),
        catalogs=parameters.catalogs(),
        show_type=parameters.choice("show_type", SHOW_TYPES),
        genres=genres,
        any_genre=parameters.choice("genres_relation", ("and", "or")) == "or",
        language=parameters.text("show_original_language"),
        years=(parameters.integer("year_min", -9999), parameters.integer("year_max", 9999)),
        ratings=(parameters.integer("rating_min", 0), parameters.integer("rating_max", 100)),
        keyword=parameters.text("keyword").casefold(),
        granularity=parameters.granularity("show"),
        order_by=order_by,
        descending=direction == "desc" if direction else not ascending_by_default,
        cursor=parameters.text("cursor"),
    )


def changes_query(parameters: Parameters, now: float) -> ChangesQuery:
    """Return the parameters of a look at the change feed."""
    parameters.check_language()
    country = parameters.country()
    change_type = parameters.one_of("change_type", CHANGE_TYPES)
    item_type = parameters.one_of("item_type", ITEM_TYPES)
    past = change_type in {"new", "removed", "updated"}
    earliest = int(now) - LONGEST_SECONDS if past else int(now)
    latest = int(now) if past else int(now) + LONGEST_SECONDS
    since, until = parameters.integer("from", earliest), parameters.integer("to", latest)
    for name, moment in (("from", since), ("to", until)):
        if not earliest - GRACE_SECONDS <= moment <= latest + GRACE_SECONDS:
            raise errors.invalid_argument(f"invalid {name}: {moment} is not within 31 days")
    return ChangesQuery(
        country=country,
        change_type=change_type,
        item_type=item_type,
        catalogs=parameters.catalogs(),
        show_type=parameters.choice("show_type", SHOW_TYPES),
        since=since,
        until=until,
        descending=parameters.choice("order_direction", ("asc", "desc")) == "desc",
        cursor=parameters.text("cursor"),
    )


def in_catalogs(offer: Offer, catalogs: tuple[Catalog, ...]) -> bool:
    """Tell whether ``offer`` is of one of ``catalogs``; no catalogs mean all."""
    return not catalogs or any(catalog.holds(offer) for catalog in catalogs)


def matches(title: Title, query: SearchQuery, now: float) -> bool:
    """Tell whether a title has what ``query`` asks for, and a present offer in its catalogs."""
    relation = any if query.any_genre else all
    return (
        query.show_type in {None, title.show_type}
        and query.language in {"", title.language}
        and query.years[0] <= title.year <= query.years[1]
        and query.ratings[0] <= title.rating <= query.ratings[1]
        and (not query.genres or relation(genre in title.genres for genre in query.genres))
        and (not query.keyword or query.keyword in f"{title.title}\n{title.overview}".casefold())
        and any(
            offer.present(now) and in_catalogs(offer, query.catalogs)
            for offer in title.offers.get(query.country, ())
        )
    )
