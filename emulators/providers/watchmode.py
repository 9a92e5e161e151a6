"""Watchmode v1 as its clients meet it: the list of titles, change feeds, details with sources."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from aiohttp import web

from emulators.core import errors
from emulators.providers.catalog import Offer, Title
from emulators.providers.faces import Face, changed, number_of, page_of, present, whole
from emulators.providers.platforms import COUNTRIES, GENRES
from emulators.providers.shows import Json

PREFIX: Final = "/v1"
OFFSET: Final = 3_000_000
A_PAGE: Final = 50
MOST_A_PAGE: Final = 250
MOST_PAGES: Final = 100_000
EASTERN: Final = timezone(timedelta(hours=-5))
FEEDS: Final = ("new_titles", "titles_details_changed", "titles_sources_changed")
SOURCES: Final = {
    "netflix": (203, "Netflix"),
    "prime": (26, "Amazon Prime"),
    "disney": (372, "Disney+"),
    "hbo": (387, "Max"),
    "hulu": (157, "Hulu"),
    "apple": (371, "AppleTV+"),
    "paramount": (444, "Paramount Plus"),
    "peacock": (388, "Peacock"),
    "youtube": (344, "YouTube"),
}
STORES: Final = {"prime": (24, "Amazon"), "apple": (349, "iTunes")}
TYPES: Final = {"subscription": "sub", "addon": "sub", "free": "free", "rent": "rent", "buy": "buy"}
FORMATS: Final = {"sd": "SD", "hd": "HD", "qhd": "HD", "uhd": "4K"}


class Watchmode(Face):
    """Watchmode over the store."""

    service = "watchmode"

    def routes(self) -> list[web.RouteDef]:
        """Return its routes, most particular first."""
        details = f"{PREFIX}/title/{{number}}/details/"
        return [
            self.route(f"{PREFIX}/list-titles/", "list_titles", self._list),
            *(self.route(f"{PREFIX}/changes/{name}/", name, self._feed(name)) for name in FEEDS),
            self.route(details, "details", self._details, units=2),
        ]

    def key(self, request: web.Request) -> str | None:
        """Return the key of the header, or the older one of the query."""
        return request.headers.get("X-API-Key") or request.query.get("apiKey")

    def refusal(self, error: errors.EmulatorError) -> tuple[int, Json]:
        """Return an error as Watchmode words it."""
        status = errors.HTTP_STATUS[error.status]
        return status, {"success": False, "statusCode": status, "statusMessage": error.message}

    def _list(self, request: web.Request) -> Json:
        country, now = _region(request), self.store.now()
        wanted = {int(n) for n in request.query.get("source_ids", "").split(",") if n}
        found = {
            _number(title): title
            for title in self.store.titles()
            if any(not wanted or _source(o)[0] in wanted for o in present(title, country, now))
        }
        numbers, paging = _paged(sorted(found, key=lambda n: (found[n].year, n)), request)
        return {"titles": [_summary(found[number]) for number in numbers], **paging}

    def _feed(self, name: str) -> Callable[[web.Request], Json]:
        def answer(request: web.Request) -> Json:
            country = _region(request) if name == "titles_sources_changed" else ""
            now = self.store.now()
            since = _moment(request, "start_date", now - 86_400)
            until = min(_moment(request, "end_date", now), now)
            found = [
                _number(title)
                for title in self.store.titles()
                if _is_told(name, title, (since, until), country)
            ]
            numbers, paging = _paged(sorted(found), request)
            return {"titles": numbers, **paging}

        return answer

    def _details(self, request: web.Request) -> Json:
        asked = request.match_info["number"]
        known = (t for t in self.store.titles() if asked in {str(_number(t)), t.imdb_id})
        title = next(known, None)
        if title is None:
            raise errors.not_found("The resource could not be found.")
        appended = request.query.get("append_to_response", "").split(",")
        regions = [code.lower() for code in request.query.get("regions", "").split(",") if code]
        sources = self._sources(title, regions or list(COUNTRIES))
        return {**_record(title), **({"sources": sources} if "sources" in appended else {})}

    def _sources(self, title: Title, regions: list[str]) -> list[Json]:
        now = self.store.now()
        return [
            _offered(offer, title, code, now)
            for code in regions
            for offer in present(title, code, now)
        ]


def _is_told(name: str, title: Title, span: tuple[float, float], country: str) -> bool:
    since, until = span
    if name != "new_titles":
        return changed(title, since, until, country=country)
    starts = [offer.starts for offers in title.offers.values() for offer in offers]
    return bool(starts) and since <= min(starts) <= until


def _number(title: Title) -> int:
    return OFFSET + int(title.id)


def _source(offer: Offer) -> tuple[int, str]:
    known = STORES if offer.type in {"rent", "buy"} else {}
    return known.get(offer.service, SOURCES[offer.service])


def _offered(offer: Offer, title: Title, country: str, now: float) -> Json:
    number, name = _source(offer)
    price = offer.price(now)
    paid = "Deeplinks available for paid plans only."
    serial = {"seasons": title.seasons, "episodes": title.episodes}
    return {
        "source_id": number,
        "name": name,
        "type": TYPES[offer.type],
        "region": country.upper(),
        "ios_url": paid,
        "android_url": paid,
        "web_url": offer.link,
        "format": FORMATS.get(offer.quality or "", "HD"),
        "price": None if price is None else float(price),
        **(serial if title.show_type == "series" else {"seasons": None, "episodes": None}),
    }


def _summary(title: Title) -> Json:
    kind, number = number_of(title)
    return {
        "id": _number(title),
        "title": title.title,
        "year": title.year,
        "imdb_id": title.imdb_id or None,
        "tmdb_id": number,
        "tmdb_type": kind,
        "type": "movie" if title.show_type == "movie" else "tv_series",
    }


def _record(title: Title) -> Json:
    number = _number(title)
    cdn = "https://cdn.sample.invalid/watchmode"
    return {
        **_summary(title),
        "original_title": title.original_title,
        "plot_overview": title.overview,
        "runtime_minutes": title.runtime,
        "end_year": title.last_year,
        "release_date": f"{title.year}-01-01",
        "genre_names": [GENRES[genre] for genre in title.genres],
        "user_rating": title.rating / 10,
        "critic_score": title.rating,
        "us_rating": None,
        "poster": f"{cdn}/{number}_poster_w185.jpg",
        "backdrop": f"{cdn}/{number}_bd_w780.jpg",
        "original_language": title.language,
        "similar_titles": [],
        "networks": [],
        "network_names": [],
        "relevance_percentile": 50.0,
    }


def _paged(numbers: list[int], request: web.Request) -> tuple[list[int], Json]:
    page = whole(request, "page", default=1, most=MOST_PAGES)
    size = whole(request, "limit", default=A_PAGE, most=MOST_A_PAGE)
    listed, pages = page_of(numbers, page, size)
    return listed, {"page": page, "total_results": len(numbers), "total_pages": pages}


def _region(request: web.Request) -> str:
    code = request.query.get("regions", "US").lower()
    if code not in COUNTRIES:
        raise errors.invalid_argument(f"regions: {code!r} is not known, or more than one")
    return code


def _moment(request: web.Request, name: str, default: float) -> float:
    given = request.query.get(name)
    if given is None:
        return default
    try:
        # The first eight digits are a day; the time may be left out.
        read = datetime.strptime(given.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=EASTERN)
    except ValueError:
        raise errors.invalid_argument(f"{name}: {given!r} is no YYYYMMDD or longer") from None
    return read.astimezone(UTC).timestamp()
