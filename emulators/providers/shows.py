"""Titles and services in the form Streaming Availability v4 gives them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from emulators.providers.catalog import Offer, Title
from emulators.providers.platforms import (
    ADDONS,
    COUNTRIES,
    GENRES,
    IMAGES,
    OPTION_TYPES,
    SERVICES,
    Addon,
    Country,
    Service,
)

Json = dict[str, Any]
Granularity = Literal["show", "season", "episode"]

SOON_SECONDS: Final = 31 * 86_400
CDN: Final = "https://cdn.sample.invalid"
VERTICAL: Final = (240, 360, 480, 600, 720)
HORIZONTAL: Final = (360, 480, 720, 1080, 1440)


@dataclass(frozen=True)
class View:
    """When and for whom a show is shown.

    Attributes:
        now: The moment, in unix seconds.
        country: Whose offers to show; all when None.
        granularity: Whether series show their seasons and episodes.
    """

    now: float
    country: str | None = None
    granularity: Granularity = "show"


def show(title: Title, view: View) -> Json:
    """Return a title as a show object."""
    series = title.show_type == "series"
    return {
        "itemType": "show",
        "showType": title.show_type,
        "id": title.id,
        "imdbId": title.imdb_id,
        "tmdbId": title.tmdb_id,
        "title": title.title,
        "overview": title.overview,
        **(_air_years(title) if series else {"releaseYear": title.year}),
        "originalTitle": title.original_title,
        "genres": [{"id": genre, "name": GENRES[genre]} for genre in title.genres],
        ("creators" if series else "directors"): list(title.directors),
        "cast": list(title.cast),
        "rating": title.rating,
        **(_counts(title) if series else _runtime(title)),
        "imageSet": image_set(title.id),
        "streamingOptions": streaming_options(title, view),
        **(_seasons(title, view) if series and view.granularity != "show" else {}),
    }


def _air_years(title: Title) -> Json:
    last = title.year if title.last_year is None else title.last_year
    return {"firstAirYear": title.year, "lastAirYear": last}


def _counts(title: Title) -> Json:
    return {"seasonCount": title.seasons or 1, "episodeCount": title.episodes or 1}


def _runtime(title: Title) -> Json:
    return {} if title.runtime is None else {"runtime": title.runtime}


def image_set(show_id: str) -> Json:
    """Return addresses of a show's images; as in recordings, only some have a vertical backdrop."""
    base = f"{CDN}/show/{show_id}"
    images = {
        "verticalPoster": _sizes(f"{base}/poster/vertical/en", VERTICAL),
        "horizontalPoster": _sizes(f"{base}/poster/horizontal/en", HORIZONTAL),
    }
    if int(show_id) % 2 == 0:
        images["verticalBackdrop"] = _sizes(f"{base}/backdrop/vertical", VERTICAL)
    return {**images, "horizontalBackdrop": _sizes(f"{base}/backdrop/horizontal", HORIZONTAL)}


def _sizes(base: str, widths: Iterable[int]) -> Json:
    return {f"w{width}": f"{base}/{width}.jpg" for width in widths}


def streaming_options(title: Title, view: View) -> Json:
    """Return the offers present now, by country; a country without any is left out."""
    wanted = title.offers if view.country is None else {view.country}
    options = {}
    for country in wanted:
        present = [o for o in title.offers.get(country, ()) if o.present(view.now)]
        if present:
            options[country] = [option(offer, country, view.now) for offer in present]
    return options


def option(offer: Offer, country: str, now: float) -> Json:
    """Return one offer as a streaming option; keys that do not apply are absent."""
    price = offer.price(now)
    maybe = {
        "addon": addon_info(ADDONS[offer.service, offer.addon]) if offer.addon else None,
        "videoLink": offer.video_link or None,
        "quality": offer.quality,
        "price": None if price is None else _price(price, COUNTRIES[country]),
        "expiresOn": offer.ends,
    }
    return {
        "service": service_info(SERVICES[offer.service], country),
        "type": offer.type,
        "link": offer.link,
        "audios": [locale(code) for code in offer.audios],
        "subtitles": [subtitle(code) for code in offer.subtitles],
        "expiresSoon": offer.ends is not None and offer.ends - now <= SOON_SECONDS,
        "availableSince": offer.starts,
        **{name: value for name, value in maybe.items() if value is not None},
    }


def _price(amount: str, country: Country) -> Json:
    currency = country.currency
    return {"amount": amount, "currency": currency, "formatted": f"{amount} {currency}"}


def locale(code: str) -> Json:
    """Return ``spa-419`` as a language with a region, ``eng`` as a language."""
    language, _, region = code.partition("-")
    return {"language": language, "region": region} if region else {"language": language}


def subtitle(code: str) -> Json:
    """Return ``eng:cc`` as closed captions, ``eng`` as subtitles."""
    language, _, captions = code.partition(":")
    return {"closedCaptions": captions == "cc", "locale": locale(language)}


def service_info(service: Service, country: str) -> Json:
    """Return a service as options and changes carry it."""
    return _info(service.id, service.name, service.home_page(country), service.color)


def addon_info(addon: Addon) -> Json:
    """Return an addon as options and changes carry it."""
    return _info(addon.id, addon.name, addon.home_page, addon.color)


def _info(name: str, title: str, home_page: str, color: str) -> Json:
    logo = f"{IMAGES}/services/{name}/logo"
    return {
        "id": name,
        "name": title,
        "homePage": home_page,
        "themeColorCode": color,
        "imageSet": {
            "lightThemeImage": f"{logo}-light-theme.svg",
            "darkThemeImage": f"{logo}-dark-theme.svg",
            "whiteImage": f"{logo}-white.svg",
        },
    }


def _seasons(title: Title, view: View) -> Json:
    """Return seasons, each with the offers of the whole series that carry every season."""
    options = streaming_options(title, view)
    seasons = title.seasons or 1
    per_season, more = divmod(title.episodes or seasons, seasons)
    return {
        "seasons": [
            _season(
                title, number, options=options, view=view, episodes=per_season + (number <= more)
            )
            for number in range(1, seasons + 1)
        ]
    }


def _season(title: Title, number: int, *, options: Json, view: View, episodes: int) -> Json:
    year = min(title.year + number - 1, title.last_year or title.year)
    season: Json = {
        "itemType": "season",
        "title": f"Season {number}",
        "firstAirYear": year,
        "lastAirYear": year,
        "streamingOptions": options,
    }
    if view.granularity == "episode":
        season["episodes"] = [
            {
                "itemType": "episode",
                "title": f"Episode {episode}",
                "airYear": year,
                "streamingOptions": options,
            }
            for episode in range(1, episodes + 1)
        ]
    return season


def country_info(country: Country, kinds: set[tuple[str, str]]) -> Json:
    """Return a country with its services; ``kinds`` are the (service, type) pairs it has."""
    return {
        "countryCode": country.code,
        "name": country.name,
        "services": [
            {
                **service_info(service, country.code),
                "streamingOptionTypes": {t: (service.id, t) in kinds for t in OPTION_TYPES},
                "addons": [addon_info(a) for (host, _), a in ADDONS.items() if host == service.id],
            }
            for service in SERVICES.values()
        ],
    }
