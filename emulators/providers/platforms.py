"""What the service knows besides shows: countries, streaming services, addons, genres."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

OptionType = Literal["free", "subscription", "buy", "rent", "addon"]
OPTION_TYPES: Final[tuple[OptionType, ...]] = get_args(OptionType)

IMAGES: Final = "https://media.sample.invalid"


@dataclass(frozen=True)
class Country:
    """A country whose catalogs are served."""

    code: str
    name: str
    currency: str


@dataclass(frozen=True)
class Service:
    """A streaming service, with its home page per country."""

    id: str
    name: str
    color: str
    home_pages: dict[str, str]

    def home_page(self, country: str) -> str:
        """Return the page of ``country``, or the one that serves all countries."""
        return self.home_pages.get(country, self.home_pages["*"])


@dataclass(frozen=True)
class Addon:
    """A channel that is bought inside another service."""

    id: str
    name: str
    color: str
    home_page: str


COUNTRIES: Final = {
    country.code: country
    for country in (
        Country("us", "United States", "USD"),
        Country("gb", "United Kingdom", "GBP"),
        Country("de", "Germany", "EUR"),
    )
}

PRIME_HOMES: Final = {
    "us": "https://www.amazon.com/gp/video/storefront/",
    "gb": "https://www.amazon.co.uk/gp/video/storefront/",
    "de": "https://www.amazon.de/gp/video/storefront/",
    "*": "https://www.primevideo.com",
}
APPLE_HOMES: Final = {
    "us": "https://tv.apple.com/us",
    "gb": "https://tv.apple.com/gb",
    "de": "https://tv.apple.com/de",
    "*": "https://tv.apple.com",
}

SERVICES: Final = {
    service.id: service
    for service in (
        Service("netflix", "Netflix", "#E50914", {"*": "https://www.netflix.com/"}),
        Service("prime", "Prime Video", "#00A8E1", PRIME_HOMES),
        Service("disney", "Disney+", "#01137c", {"*": "https://www.disneyplus.com/"}),
        Service("hbo", "Max", "#002be7", {"*": "https://www.max.com/"}),
        Service("hulu", "Hulu", "#1ce783", {"*": "https://www.hulu.com/"}),
        Service("apple", "Apple TV", "#000000", APPLE_HOMES),
        Service("paramount", "Paramount+", "#0064FF", {"*": "https://www.paramountplus.com/"}),
        Service("peacock", "Peacock", "#000000", {"*": "https://www.peacocktv.com/"}),
        Service("youtube", "YouTube", "#FF0000", {"*": "https://www.youtube.com/"}),
    )
}

ADDONS: Final = {
    ("prime", "hbomaxus"): Addon("hbomaxus", "Max", "#002be7", "https://www.max.com/"),
    ("prime", "paramountplus"): Addon(
        "paramountplus", "Paramount+", "#0064FF", "https://www.paramountplus.com/"
    ),
    ("hulu", "hbo"): Addon("hbo", "Max", "#002be7", "https://www.max.com/"),
    ("apple", "tvs.sbd.1000070"): Addon(
        "tvs.sbd.1000070", "Paramount+", "#0064FF", "https://www.paramountplus.com/"
    ),
}

GENRES: Final = {
    "action": "Action",
    "adventure": "Adventure",
    "animation": "Animation",
    "comedy": "Comedy",
    "crime": "Crime",
    "documentary": "Documentary",
    "drama": "Drama",
    "family": "Family",
    "fantasy": "Fantasy",
    "history": "History",
    "horror": "Horror",
    "music": "Music",
    "mystery": "Mystery",
    "news": "News",
    "reality": "Reality",
    "romance": "Romance",
    "scifi": "Science Fiction",
    "talk": "Talk Show",
    "thriller": "Thriller",
    "war": "War",
    "western": "Western",
}
