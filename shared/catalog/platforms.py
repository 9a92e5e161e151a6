"""Platforms: identifiers, service codes, tiers and links, all from ``data/platforms.json``.

A platform is configuration, not a class: adding one is adding an entry there. Links are made from
checked identifiers only, so nothing that a provider sends can reach beyond its place in a template
(spec/ingestion §5.3, §5.6).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import orjson

from shared.catalog.values import ContentType, OfferType
from shared.kernel.text import fold

STANDARD_TIER = "standard"
_SERIAL = frozenset({ContentType.SERIES, ContentType.SEASON, ContentType.EPISODE})
_TIERED = frozenset({OfferType.SUBSCRIPTION, OfferType.ADS})


@dataclass(frozen=True)
class Platform:
    """One streaming service.

    Attributes:
        id: Our id (``prime_video``).
        name: As a viewer knows it.
        codes: What providers call it.
        hosts: Domains of its own links; subdomains count.
        content_id: What its own ids look like, whole.
        in_path: Where an id stands in a link's path, first match wins.
        in_query: Query parameters that carry an id.
        web: Web template; ``{id}`` and ``{country}`` (lower case) are filled in.
        web_series: The same for series, where it differs.
        watch: Template of the page that plays at once, or empty.
        app: Template of the app's own scheme.
        original_tags: Folded tags that mark a title made by the platform.
        subscription_is_original: Whatever its subscription carries is its own.
        tiers: Flag and tier, first flag present wins; an empty flag always does.
        link_offer: On what terms a bare link is taken to lead to a title.
        id_suffix: What other catalogs append to the platform's own ids.
    """

    id: str
    name: str
    codes: tuple[str, ...]
    hosts: tuple[str, ...]
    content_id: re.Pattern[str]
    in_path: tuple[re.Pattern[str], ...]
    in_query: tuple[str, ...]
    web: str
    web_series: str
    watch: str
    app: str
    original_tags: frozenset[str]
    subscription_is_original: bool
    tiers: tuple[tuple[str, str], ...]
    link_offer: OfferType
    id_suffix: str

    def is_own_id(self, content_id: str) -> bool:
        """Tell whether ``content_id`` can be one of the platform's own ids."""
        return self.content_id.fullmatch(content_id) is not None

    def has_host(self, link: str) -> bool:
        """Tell whether ``link`` leads to the platform itself."""
        try:
            host = (urlsplit(link).hostname or "").lower()
        except ValueError:
            return False
        return any(host == own or host.endswith("." + own) for own in self.hosts)


@cache
def configuration() -> Sequence[Mapping[str, Any]]:
    """Return ``data/platforms.json`` as it is."""
    found: Sequence[Mapping[str, Any]] = orjson.loads(
        (Path(__file__).parent / "data" / "platforms.json").read_bytes()
    )
    return found


@cache
def platforms() -> Mapping[str, Platform]:
    """Return every configured platform by id, in the order of the file."""
    return {entry["id"]: _platform(entry) for entry in configuration()}


def _platform(entry: Mapping[str, Any]) -> Platform:
    own_id = entry["content_id"]
    return Platform(
        id=entry["id"],
        name=entry["name"],
        codes=tuple(entry["codes"]),
        hosts=tuple(entry["hosts"]),
        content_id=re.compile(own_id),
        in_path=tuple(re.compile(p.replace("{id}", own_id)) for p in entry.get("in_path", ())),
        in_query=tuple(entry.get("in_query", ())),
        web=entry.get("web", ""),
        web_series=entry.get("web_series", entry.get("web", "")),
        watch=entry.get("watch", ""),
        app=entry.get("app", ""),
        original_tags=frozenset(fold(tag) for tag in entry.get("original_tags", ())),
        subscription_is_original=entry.get("subscription_is_original", False),
        tiers=tuple((flag, tier) for flag, tier in entry.get("tiers", ())),
        link_offer=OfferType(entry.get("link_offer", OfferType.SUBSCRIPTION)),
        id_suffix=entry.get("id_suffix", ""),
    )


@cache
def _by_code() -> Mapping[str, Platform]:
    known = platforms().values()
    return {name: platform for platform in known for name in (*platform.codes, platform.id)}


def platform_of_code(code: str) -> Platform | None:
    """Return the platform that a provider calls ``code``; our own ids are codes, too."""
    return _by_code().get(code)


def platform_of_link(link: str) -> Platform | None:
    """Return the platform whose own pages ``link`` leads to."""
    return next((p for p in platforms().values() if p.has_host(link)), None)


def is_original(platform: Platform, names: Iterable[str], terms: Collection[OfferType]) -> bool:
    """Tell whether a title was made by the platform that carries it.

    Args:
        platform: Whose tags count.
        names: Genres and tags as the source has them.
        terms: On what terms the platform offers it.
    """
    if any(fold(name) in platform.original_tags for name in names):
        return True
    return platform.subscription_is_original and OfferType.SUBSCRIPTION in terms


def service_code(platform_id: str) -> str:
    """Return what providers call a platform; an id we have no configuration for stays as it is."""
    found = platforms().get(platform_id)
    return found.codes[0] if found else platform_id


def tier_of(platform: Platform, offer: OfferType, *, flags: frozenset[str]) -> str | None:
    """Return the subscription tier of an offer (spec/ingestion §5.3); None where none is needed.

    Args:
        platform: Whose rules apply, first match wins.
        offer: Rentals, purchases and free offers need no subscription.
        flags: What the provider says of the offer, folded (``ads``, ``live``, ``showtime``).
    """
    if offer is OfferType.FREE:
        return next((tier for flag, tier in platform.tiers if flag == "free"), None)
    if offer not in _TIERED:
        return None
    if offer is OfferType.ADS:
        flags = flags | {"ads"}
    return next((t for flag, t in platform.tiers if not flag or flag in flags), STANDARD_TIER)


@lru_cache(maxsize=8192)
def content_id_of_link(platform_id: str, link: str) -> str | None:
    """Return the platform's own id of what ``link`` opens, or None where it does not tell.

    Links of other hosts tell nothing, whatever they contain.
    """
    platform = platforms().get(platform_id)
    if platform is None or not platform.has_host(link):
        return None
    parts = urlsplit(link)
    for name, values in parse_qs(parts.query).items():
        given = values[0].removesuffix(platform.id_suffix)
        if name in platform.in_query and platform.is_own_id(given):
            return given
    path = unquote(parts.path)
    found = (pattern.search(path) for pattern in platform.in_path)
    return next((match[1] for match in found if match), None)


def web_link(
    platform_id: str, content_id: str, *, region: str, content_type: ContentType
) -> str | None:
    """Return the web page of a title, or None where the platform or the id is not known.

    Args:
        platform_id: One of `platforms`.
        content_id: The platform's own id; anything else, hostile or merely foreign, gives None.
        region: Country for platforms whose pages differ by it, ISO 3166-1 α-2.
        content_type: Series have their own pages on some platforms.
    """
    platform = platforms().get(platform_id)
    if platform is None:
        return None
    template = platform.web_series if content_type in _SERIAL else platform.web
    return _filled(platform, template, content_id, region)


def app_link(platform_id: str, content_id: str) -> str | None:
    """Return the link that opens the platform's app at a title, or None as for `web_link`."""
    platform = platforms().get(platform_id)
    return None if platform is None else _filled(platform, platform.app, content_id, "us")


def _filled(platform: Platform, template: str, content_id: str, region: str) -> str | None:
    if (
        not template
        or not platform.is_own_id(content_id)
        or not re.fullmatch(r"[A-Za-z]{2}", region)
    ):
        return None
    return template.format(id=quote(content_id, safe=""), country=region.lower())
