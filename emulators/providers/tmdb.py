"""TMDB v3 as its clients meet it: discover, changes, and details with parts appended."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, TypedDict

import grpc
from aiohttp import web

from emulators.core import errors
from emulators.providers.catalog import Offer, Title
from emulators.providers.faces import Face, changed, number_of, page_of, present, whole
from emulators.providers.limits import SpentError
from emulators.providers.platforms import ADDONS, COUNTRIES, GENRES, SERVICES
from emulators.providers.shows import Json

PREFIX: Final = "/3"
A_PAGE: Final = 20
CHANGES_A_PAGE: Final = 100
MOST_PAGES: Final = 500
MOST_APPENDED: Final = 20
LONGEST_DAYS: Final = 14
PARTS: Final = {
    "movie": ("external_ids", "credits", "release_dates", "watch/providers"),
    "tv": ("external_ids", "credits", "content_ratings", "watch/providers"),
}
# How TMDB counts what this server sells, and the terms it lists them under.
CARRIERS: Final = {
    "netflix": (8, "Netflix"),
    "prime": (9, "Amazon Prime Video"),
    "disney": (337, "Disney Plus"),
    "hbo": (1899, "Max"),
    "hulu": (15, "Hulu"),
    "apple": (350, "Apple TV Plus"),
    "paramount": (531, "Paramount Plus"),
    "peacock": (387, "Peacock Premium"),
    "youtube": (192, "YouTube"),
}
STORES: Final = {"prime": (10, "Amazon Video"), "apple": (2, "Apple TV")}
TERMS: Final = {
    "subscription": "flatrate",
    "addon": "flatrate",
    "free": "free",
    "rent": "rent",
    "buy": "buy",
}
GENRE_IDS: Final = {
    "action": 28, "adventure": 12, "animation": 16, "comedy": 35, "crime": 80, "documentary": 99,
    "drama": 18, "family": 10751, "fantasy": 14, "history": 36, "horror": 27, "music": 10402,
    "mystery": 9648, "news": 10763, "reality": 10764, "romance": 10749, "scifi": 878,
    "talk": 10767, "thriller": 53, "war": 10752, "western": 37,
}  # fmt: skip
CERTIFICATES: Final = {
    "movie": ("G", "PG", "PG-13", "R"),
    "tv": ("TV-G", "TV-PG", "TV-14", "TV-MA"),
}
# TMDB's own codes of errors, by ours.
CODES: Final = {
    grpc.StatusCode.UNAUTHENTICATED: (7, "Invalid API key: You must be granted a valid key."),
    grpc.StatusCode.NOT_FOUND: (34, "The resource you requested could not be found."),
    grpc.StatusCode.INVALID_ARGUMENT: (22, ""),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (25, ""),
    grpc.StatusCode.UNAVAILABLE: (9, ""),
}


class _Carrier(TypedDict):
    logo_path: str
    provider_id: int
    provider_name: str
    display_priority: int


class Tmdb(Face):
    """TMDB over the store."""

    service = "tmdb"
    validated = True

    def routes(self) -> list[web.RouteDef]:
        """Return its routes, most particular first."""
        kind, number = "{kind:movie|tv}", r"{number:\d+}"
        return [
            self.route(f"{PREFIX}/discover/{kind}", "discover", self._discover),
            self.route(f"{PREFIX}/{kind}/changes", "changes", self._changes),
            self.route(f"{PREFIX}/{kind}/{number}", "details", self._details),
            self.route(
                rf"{PREFIX}/{{kind:tv}}/{number}/season/{{season:\d+}}", "season", self._one_season
            ),
            self.route(f"{PREFIX}/trending/{kind}/{{window:day|week}}", "trending", self._trending),
        ]

    def key(self, request: web.Request) -> str | None:
        """Return the access token, or the older key of the query."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else request.query.get("api_key")

    def refusal(self, error: errors.EmulatorError) -> tuple[int, Json]:
        """Return an error as TMDB words it."""
        code, usual = CODES.get(error.status, (11, ""))
        message = usual or error.message
        if isinstance(error, SpentError):
            message = f"Your request count is {error.message}."
        body = {"success": False, "status_code": code, "status_message": message}
        return errors.HTTP_STATUS[error.status], body

    def _discover(self, request: web.Request) -> Json:
        kind, now = request.match_info["kind"], self.store.now()
        field = "primary_release_date" if kind == "movie" else "first_air_date"
        years = (_year(request, f"{field}.gte", 0), _year(request, f"{field}.lte", 9999))
        found = [
            title
            for title in self._of_kind(kind)
            if years[0] <= title.year <= years[1] and _is_carried(title, request, now)
        ]
        found.sort(key=lambda title: (title.year, int(title.id)))
        page = whole(request, "page", default=1, most=MOST_PAGES)
        numbers, pages = page_of(list(range(len(found))), page, A_PAGE)
        results = [_summary(found[n], kind) for n in numbers]
        return {
            "page": page,
            "results": results,
            "total_pages": pages,
            "total_results": len(found),
        }

    def _changes(self, request: web.Request) -> Json:
        kind, now = request.match_info["kind"], self.store.now()
        since, until = _days(request, now)
        found = [t for t in self._of_kind(kind) if changed(t, since, min(until, now))]
        numbers = sorted(number_of(title)[1] for title in found)
        page = whole(request, "page", default=1, most=MOST_PAGES)
        listed, pages = page_of(numbers, page, CHANGES_A_PAGE)
        return {
            "results": [{"id": number, "adult": False} for number in listed],
            "page": page,
            "total_pages": pages,
            "total_results": len(numbers),
        }

    def _details(self, request: web.Request) -> Json:
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        title = next((t for t in self._of_kind(kind) if number_of(t)[1] == number), None)
        if title is None:
            raise errors.not_found("no such title")
        wanted = [name for name in request.query.get("append_to_response", "").split(",") if name]
        if len(wanted) > MOST_APPENDED:
            raise errors.invalid_argument(f"Too many append to response objects: {MOST_APPENDED}")
        parts = {name: self._part(name, kind, title) for name in PARTS[kind] if name in wanted}
        if kind == "tv":
            parts |= {name: told for name in wanted if (told := _season_named(title, name))}
        return {**_record(title, kind), **parts}

    def _one_season(self, request: web.Request) -> Json:
        number = int(request.match_info["number"])
        title = next((t for t in self._of_kind("tv") if number_of(t)[1] == number), None)
        told = _season_named(title, f"season/{request.match_info['season']}") if title else None
        if told is None:
            raise errors.not_found("no such season")
        return told

    def _trending(self, request: web.Request) -> Json:
        """Return titles by their popularity, which is the same all week."""
        kind = request.match_info["kind"]
        found = sorted(self._of_kind(kind), key=lambda title: (-title.popularity, int(title.id)))
        page = whole(request, "page", default=1, most=MOST_PAGES)
        numbers, pages = page_of(list(range(len(found))), page, A_PAGE)
        results = [{**_summary(found[n], kind), "media_type": kind} for n in numbers]
        return {
            "page": page,
            "results": results,
            "total_pages": pages,
            "total_results": len(found),
        }

    def _part(self, name: str, kind: str, title: Title) -> Json:
        if name == "watch/providers":
            return {"results": self._carriers(title, kind)}
        parts = {"external_ids": _external_ids, "credits": _people}
        if name in parts:
            return parts[name](title)
        return _certificates(title, kind)

    def _carriers(self, title: Title, kind: str) -> Json:
        found: Json = {}
        for country in title.offers:
            terms: dict[str, list[_Carrier]] = {}
            for offer in present(title, country, self.store.now()):
                listed = terms.setdefault(TERMS[offer.type], [])
                listed.append(_carrier(offer, len(listed)))
            if terms:
                path = f"/{kind}/{number_of(title)[1]}/watch?locale={country.upper()}"
                found[country.upper()] = {"link": f"https://www.themoviedb.org{path}", **terms}
        return found

    def _of_kind(self, kind: str) -> list[Title]:
        return [title for title in self.store.titles() if number_of(title)[0] == kind]


def _is_carried(title: Title, request: web.Request, now: float) -> bool:
    wanted = {int(n) for n in request.query.get("with_watch_providers", "").split("|") if n}
    country = request.query.get("watch_region", "").lower()
    if not wanted:
        return True
    if country not in COUNTRIES:
        raise errors.invalid_argument(f"Invalid watch_region: {country!r}")
    found = {_carrier(offer, 0)["provider_id"] for offer in present(title, country, now)}
    return bool(wanted & found)


def _carrier(offer: Offer, place: int) -> _Carrier:
    known = STORES if offer.type in {"rent", "buy"} else {}
    number, name = known.get(offer.service, CARRIERS[offer.service])
    if offer.addon:
        names = [*SERVICES, *(addon for _, addon in ADDONS)]
        number = 2_000 + names.index(offer.addon)
        host = {"prime": "Amazon", "apple": "Apple TV"}.get(offer.service, name)
        name = f"{ADDONS[offer.service, offer.addon].name} {host} Channel"
    logo = f"/sample{number}.jpg"
    return _Carrier(logo_path=logo, provider_id=number, provider_name=name, display_priority=place)


def _summary(title: Title, kind: str) -> Json:
    """Return a title as lists carry it."""
    named = "title" if kind == "movie" else "name"
    dated = "release_date" if kind == "movie" else "first_air_date"
    own = (
        {"adult": False, "video": False} if kind == "movie" else {"origin_country": _origin(title)}
    )
    return {
        **own,
        "id": number_of(title)[1],
        named: title.title,
        f"original_{named}": title.original_title,
        "original_language": title.language,
        "overview": title.overview,
        dated: f"{title.year}-01-01",
        "genre_ids": [GENRE_IDS[genre] for genre in title.genres],
        "popularity": float(title.popularity),
        "vote_average": title.rating / 10,
        "vote_count": title.popularity,
        "poster_path": f"/sample{title.id}p.jpg",
        "backdrop_path": f"/sample{title.id}b.jpg",
    }


def _record(title: Title, kind: str) -> Json:
    """Return a title's details."""
    summary = {k: v for k, v in _summary(title, kind).items() if k != "genre_ids"}
    genres = [{"id": GENRE_IDS[genre], "name": GENRES[genre]} for genre in title.genres]
    countries = [{"iso_3166_1": code, "name": code} for code in _origin(title)]
    own: Json = {"imdb_id": title.imdb_id or None, "runtime": title.runtime or 0}
    if kind == "tv":
        own = {
            "created_by": [_person(name) for name in title.directors],
            "episode_run_time": [title.runtime] if title.runtime else [],
            "number_of_seasons": title.seasons or 1,
            "number_of_episodes": title.episodes or 1,
            "last_air_date": f"{title.last_year or title.year}-12-31",
            "seasons": [_season(title, n) for n in range(1, (title.seasons or 1) + 1)],
        }
    return {
        **summary,
        "genres": genres,
        "production_countries": countries,
        "status": "Released" if kind == "movie" else "Ended",
        **own,
    }


def _season_named(title: Title, name: str) -> Json | None:
    """Return what ``season/N`` of a series is, None where it has no such season.

    As at TMDB a season's answer does not say whose it is; its episodes do.
    """
    word, _, told = name.partition("/")
    if word != "season" or not told.isdecimal() or not 1 <= int(told) <= (title.seasons or 1):
        return None
    number, series = int(told), number_of(title)[1]
    season = _season(title, number)
    episodes = [_episode(title, number, n) for n in range(1, season.pop("episode_count") + 1)]
    return {**season, "_id": f"sample{series}s{number}", "episodes": episodes}


def _season(title: Title, number: int) -> Json:
    """Return a season as a series lists it; the first ones have what is left over."""
    seasons = title.seasons or 1
    each, more = divmod(max(seasons, title.episodes or seasons), seasons)
    return {
        "air_date": f"{title.year + number - 1}-01-01",
        "episode_count": each + (number <= more),
        "id": number_of(title)[1] * 100 + number,
        "name": f"Season {number}",
        "overview": "",
        "poster_path": f"/sample{title.id}s{number}.jpg",
        "season_number": number,
        "vote_average": title.rating / 10,
    }


def _episode(title: Title, season: int, number: int) -> Json:
    series = number_of(title)[1]
    return {
        "air_date": f"{title.year + season - 1}-01-{min(number, 28):02}",
        "episode_number": number,
        "id": series * 10_000 + season * 100 + number,
        "name": f"Episode {number}",
        "overview": "",
        "production_code": "",
        "runtime": title.runtime,
        "season_number": season,
        "show_id": series,
        "still_path": None,
        "vote_average": title.rating / 10,
        "vote_count": title.popularity,
        "crew": [],
        "guest_stars": [],
    }


def _origin(title: Title) -> list[str]:
    return list(title.countries)


def _external_ids(title: Title) -> Json:
    return {"imdb_id": title.imdb_id or None, "wikidata_id": None, "facebook_id": None}


def _people(title: Title) -> Json:
    cast = [{**_person(n), "character": "", "order": i} for i, n in enumerate(title.cast)]
    crew = [{**_person(n), "job": "Director", "department": "Directing"} for n in title.directors]
    return {"cast": cast, "crew": crew}


def _person(name: str) -> Json:
    number = sum(ord(letter) * (place + 1) for place, letter in enumerate(name))
    return {"id": number, "name": name, "credit_id": f"sample{number}", "profile_path": None}


def _certificates(title: Title, kind: str) -> Json:
    """Return a certificate of the United States, made up of the title's number."""
    value = CERTIFICATES[kind][int(title.id) % 4]
    if kind == "tv":
        return {"results": [{"descriptors": [], "iso_3166_1": "US", "rating": value}]}
    released = {"certification": value, "type": 3, "release_date": f"{title.year}-01-01T00:00:00Z"}
    return {"results": [{"iso_3166_1": "US", "release_dates": [released]}]}


def _year(request: web.Request, name: str, default: int) -> int:
    given = request.query.get(name)
    return _day(given, name).year if given else default


def _day(given: str, name: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise errors.invalid_argument(f"Invalid {name}: {given!r}") from None


def _days(request: web.Request, now: float) -> tuple[float, float]:
    """Return the first and the last second of the days asked for, the last one by default."""
    today = datetime.fromtimestamp(now, UTC).date()
    first = _day(request.query.get("start_date", str(today - timedelta(days=1))), "start_date")
    last = _day(request.query.get("end_date", str(today)), "end_date")
    if not timedelta() <= last - first <= timedelta(days=LONGEST_DAYS):
        raise errors.invalid_argument(f"Invalid date range: at most {LONGEST_DAYS} days")
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return start.timestamp(), end.timestamp() - 1
