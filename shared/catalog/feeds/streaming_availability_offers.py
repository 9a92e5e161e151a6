"""Offers of Streaming Availability v4: terms, tier, price, languages and times."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.catalog.feeds import fields as f
from shared.catalog.languages import bcp47
from shared.catalog.money import minor_units
from shared.catalog.platforms import Platform, tier_of
from shared.catalog.raw import FieldError, shown
from shared.catalog.values import OfferType
from shared.kernel.text import fold

_OFFERS = {
    "subscription": OfferType.SUBSCRIPTION,
    "addon": OfferType.ADDON,
    "free": OfferType.FREE,
    "rent": OfferType.RENTAL,
    "buy": OfferType.PURCHASE,
}
_QUALITIES = {"sd": "sd", "hd": "hd", "qhd": "qhd", "uhd": "uhd", "4k": "uhd"}


def offer_of(platform: Platform, option: f.Json) -> dict[str, Any]:
    """Return the fields of an offer.

    Raises:
        FieldError: A field cannot be used.
    """
    kind = _OFFERS.get(str(option.get("type")))
    if kind is None:
        raise FieldError("streamingOptions.type", f"{shown(option.get('type'))} is not known")
    price, currency = _price(option.get("price"))
    return {
        "type": kind,
        "tier": _tier(platform, kind, option),
        "price_minor": price,
        "currency": currency,
        "quality": _QUALITIES.get(str(option.get("quality")).lower()),
        "link": option.get("link") or None,
        "video_link": option.get("videoLink") or None,
        "audio": _languages(option.get("audios")),
        "subtitles": _languages(option.get("subtitles")),
        "available_from": _moment(option, "availableSince"),
        "expires_at": _moment(option, "expiresOn"),
    }


def _tier(platform: Platform, kind: OfferType, option: f.Json) -> str | None:
    """Return the add-on's id for add-ons, the platform's tier for everything else."""
    addon = f.at(option, "addon.id")
    if kind is OfferType.ADDON:
        return str(addon) if addon else None
    said = (addon, f.at(option, "addon.name"))
    flags = frozenset(word for text in said if text for word in fold(str(text)).split())
    return tier_of(platform, kind, flags=flags)


def _price(price: object) -> tuple[int | None, str | None]:
    if price is None:
        return None, None
    amount, currency = f.at(price, "amount"), f.at(price, "currency")
    if amount is None or not isinstance(currency, str):
        raise FieldError("streamingOptions.price", f"lacks amount or currency: {shown(price)}")
    try:
        return minor_units(str(amount), currency), currency
    except ValueError as error:
        raise FieldError("streamingOptions.price.amount", str(error)) from None


def _languages(entries: object) -> tuple[str, ...]:
    """Return BCP 47 tags without repetition; audios carry them plainly, subtitles in ``locale``."""
    if not isinstance(entries, Sequence):
        return ()
    locales = (f.at(entry, "locale") or entry for entry in entries)
    tags = (
        bcp47(str(f.at(locale, "language") or ""), _region(f.at(locale, "region")))
        for locale in locales
    )
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _region(given: object) -> str | None:
    """Return a region; what is none leaves its language without."""
    return given if isinstance(given, str) else None


def _moment(option: f.Json, field: str) -> datetime | None:
    seconds = option.get(field)
    if seconds is None or seconds == 0:
        return None
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise FieldError(f"streamingOptions.{field}", f"{shown(seconds)} is no time") from None
    return found if found.year <= f.LATEST_YEAR else None
