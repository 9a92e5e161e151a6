"""Offers as JustWatch writes them, in its words of 2019 and in those of today."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json
from shared.catalog.feeds.listing import Carried, Ways, offer_fields, price, quality
from shared.catalog.languages import bcp47
from shared.catalog.raw import FieldError, shown
from shared.catalog.services import Service, service_of
from shared.catalog.values import OfferType

_TERMS = {
    "flatrate": OfferType.SUBSCRIPTION,
    "flatrate_and_buy": OfferType.SUBSCRIPTION,
    "rent": OfferType.RENTAL,
    "buy": OfferType.PURCHASE,
    "free": OfferType.FREE,
    "ads": OfferType.ADS,
    "fast": OfferType.ADS,
}
_LINKS = (
    "standardWebURL",
    "preAffiliatedStandardWebURL",
    "urls.standard_web",
    "urls.deeplink_web",
)


def ways_of(offers: Iterable[Json], path: str, region: str) -> Ways:
    """Return the ways to watch of a title in a country."""
    ways = Ways()
    for number, offer in enumerate(offers):
        place = f"{path}[{number}]"
        service, name = _service(offer)
        ways.add(place, name, service, partial(_carried, place, offer, region))
    return ways


def _service(offer: Json) -> tuple[Service | None, str]:
    """Return the service and its name; numbers are those that TMDB has from JustWatch."""
    package = offer.get("package")
    number = f.at(package, "packageId") or offer.get("provider_id")
    names = [f.at(package, key) for key in ("shortName", "technicalName")]
    name = str(f.at(package, "clearName") or offer.get("package_short_name") or number)
    tried = [service_of("justwatch", str(code)) for code in names if code]
    tried.append(service_of("tmdb", str(number), name))
    return next((found for found in tried if found), None), name


def _carried(path: str, offer: Json, region: str, service: Service) -> Carried:
    given = str(offer.get("monetizationType") or offer.get("monetization_type"))
    kind = _TERMS.get(given.lower())
    if kind is None:
        raise FieldError(f"{path}.monetizationType", f"{shown(given)} is no way to stream")
    links = [f.at(offer, name) for name in _LINKS]
    amount = next(
        (v for v in (offer.get("retailPriceValue"), offer.get("retail_price")) if v), None
    )
    fields = offer_fields(
        service,
        kind,
        next((link for link in links if link), None),
        quality=quality(offer.get("presentationType") or offer.get("presentation_type")),
        audio=_languages(offer.get("audioLanguages") or offer.get("audio_languages")),
        subtitles=_languages(offer.get("subtitleLanguages") or offer.get("subtitle_languages")),
        available_from=f.moment("availableFrom", "dateCreated", "date_created")(offer),
        expires_at=f.moment("availableTo", "available_to")(offer),
        **price(amount, offer.get("currency"), f"{path}.retailPrice"),
    )
    return Carried(service, region, fields, path, _length(offer))


def _languages(given: object) -> tuple[str, ...]:
    entries = given if isinstance(given, list) else []
    tags = (bcp47(*str(entry).split("-")[:2]) for entry in entries)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _length(offer: Mapping[str, Any]) -> dict[str, Any]:
    """Return how much of a series the service has."""
    seasons = offer.get("elementCount") or offer.get("element_count")
    return {"series": {"seasons": seasons}} if isinstance(seasons, int) and seasons > 0 else {}
