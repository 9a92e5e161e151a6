"""Templates of links by platform and kind of device, from ``data/links.json``.

A template is text with ``{id}`` and perhaps ``{country}``. Only identifiers that are whole ones of
the platform are filled in, percent-encoded (RFC 3986 §2.1), so nothing that a provider sends can
reach beyond its place. A platform without an entry there has the page that ``data/platforms.json``
names. The order in the file is the order of preference: pages that the system opens in the
platform's own app come before schemes, which any app may claim (RFC 8252 §7.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from shared.catalog.platforms import platforms
from shared.catalog.values import ContentType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.catalog.platforms import Platform

PROVIDER = "provider"
"""Name under which links that providers sent are counted, one for each platform."""
SERIAL = frozenset({ContentType.SERIES, ContentType.SEASON, ContentType.EPISODE})
LONGEST = 2000
_FIELDS = frozenset({"id", "country"})
_COUNTRY = re.compile(r"[A-Z]{2}")
_PLAIN = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
"""Characters of an address (RFC 3986 §2)."""
_EMPTY_WORDS = frozenset({"null", "undefined", "none", "nan", "placeholder", "example"})
_SCHEME = re.compile(r"[a-z][a-z0-9.+-]*://")


class Device(StrEnum):
    """Where a link is to be opened."""

    WEB = "web"
    IOS = "ios"
    ANDROID = "android"
    ANDROID_TV = "android_tv"
    FIRE_TV = "fire_tv"
    TVOS = "tvos"
    ROKU = "roku"

    @property
    def is_tv(self) -> bool:
        """Whether it has apps and no browser to speak of."""
        return self in _TELEVISIONS


_TELEVISIONS = frozenset({Device.ANDROID_TV, Device.FIRE_TV, Device.TVOS, Device.ROKU})


class LinkKind(StrEnum):
    """What opens a link: the app by way of a web page's address, or the app alone."""

    UNIVERSAL = "universal"
    APP = "app"


class TemplateError(ValueError):
    """The file holds a template that cannot be used; the message names it."""


@dataclass(frozen=True)
class Template:
    """One form of link.

    Attributes:
        id: ``platform.name``, as reports of outcomes name it.
        devices: Where it may be used.
        text: With its places.
        own_id: What identifiers it takes, whole.
        start: What is appended for a start offset, with ``{seconds}``; empty where the platform
            documents none.
        serial: True for series alone, False for everything else, None for both.
        verified_on: Day on which it was seen to work, or None: schemes cannot be tried by a server.
    """

    id: str
    kind: LinkKind
    devices: frozenset[Device]
    text: str
    own_id: re.Pattern[str]
    start: str = ""
    serial: bool | None = None
    verified_on: str | None = None

    def suits(self, device: Device, content_type: ContentType) -> bool:
        """Tell whether the template is for such titles on such devices."""
        return device in self.devices and self.serial in {None, content_type in SERIAL}

    def filled(self, own_id: str, country: str, *, start_seconds: int = 0) -> str | None:
        """Return the link, None where the identifier or the country has not its form.

        Args:
            own_id: The platform's own id of the title.
            country: ISO 3166-1 alpha-2.
            start_seconds: Where to begin; ignored where `start` is empty.
        """
        if not self.own_id.fullmatch(own_id) or not _COUNTRY.fullmatch(country):
            return None
        link = self.text.format(id=quote(own_id, safe=""), country=country.lower())
        return link + self.start.format(seconds=start_seconds) if start_seconds else link


@dataclass(frozen=True)
class Links:
    """How titles of one platform are opened; `home` is its own front page."""

    platform: Platform
    home: str
    templates: tuple[Template, ...]

    @property
    def provider_id(self) -> str:
        """Under which links that providers sent are counted."""
        return f"{self.platform.id}.{PROVIDER}"

    def provider_link(self, link: str | None) -> str | None:
        """Return a link that a provider sent, where it leads to a page of the platform.

        It has to be HTTPS (plain HTTP is made so) to a host of the platform, without user, port or
        characters that no address has, and to something: neither the front page nor a placeholder.
        """
        if not link or len(link) > LONGEST or not _PLAIN.fullmatch(link):
            return None
        try:
            parts = urlsplit(link)
            port = parts.port
        except ValueError:
            return None
        own = parts.scheme in {"https", "http"} and self.platform.has_host(link)
        if not own or "@" in parts.netloc or port is not None:
            return None
        words = {word for word in re.split(r"[/&=]", f"{parts.path}&{parts.query}".lower()) if word}
        if not words or words & _EMPTY_WORDS:
            return None
        return parts._replace(scheme="https").geturl()


@cache
def links_of(platform_id: str) -> Links | None:
    """Return how titles of a platform are opened, None for one that is not configured."""
    return all_links().get(platform_id)


@cache
def all_links() -> Mapping[str, Links]:
    """Return every platform's links.

    Raises:
        TemplateError: The file holds a template that cannot be used.
    """
    data = orjson.loads((Path(__file__).parent / "data" / "links.json").read_bytes())
    return read_links(data["platforms"])


@cache
def template_ids() -> frozenset[str]:
    """Return every name that a report may be about."""
    found = all_links().values()
    templates = {template.id for links in found for template in links.templates}
    return frozenset(templates | {links.provider_id for links in found})


def read_links(entries: Mapping[str, Any]) -> Mapping[str, Links]:
    """Return links of every configured platform, its entry's or those that follow from its page.

    Raises:
        TemplateError: A template cannot be used, or an entry is for no platform.
    """
    known = platforms()
    if strange := entries.keys() - known.keys():
        raise TemplateError(f"no such platform: {', '.join(sorted(strange))}")
    found: dict[str, Links] = {}
    for name, platform in known.items():
        entry = entries.get(name) or {"links": list(_pages(platform))}
        home = entry.get("home", f"https://{platform.hosts[0]}/")
        templates = tuple(_template(platform, given) for given in entry["links"])
        found[name] = Links(platform, home, templates)
    return found


def _pages(platform: Platform) -> Iterator[Mapping[str, Any]]:
    page = {"kind": "universal", "on": ["web", "ios", "android"]}
    if platform.web:
        serial = None if platform.web == platform.web_series else False
        yield {**page, "name": "page", "template": platform.web, "serial": serial}
    if platform.web_series and platform.web_series != platform.web:
        yield {**page, "name": "series", "template": platform.web_series, "serial": True}


def _template(platform: Platform, given: Mapping[str, Any]) -> Template:
    name = f"{platform.id}.{given['name']}"
    text, kind = given["template"], LinkKind(given["kind"])
    fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if "id" not in fields or not fields <= _FIELDS:
        raise TemplateError(f"{name}: places are {{id}} and {{country}}, not {sorted(fields)}")
    if not _SCHEME.match(text) or (kind is LinkKind.UNIVERSAL and not text.startswith("https://")):
        raise TemplateError(f"{name}: a {kind} link does not begin so: {text}")
    if kind is LinkKind.UNIVERSAL and not platform.has_host(text.partition("{")[0]):
        raise TemplateError(f"{name}: its host is none of {', '.join(platform.hosts)}")
    return Template(
        id=name,
        kind=kind,
        devices=frozenset(Device(device) for device in given["on"]),
        text=text,
        own_id=re.compile(given.get("id", platform.content_id.pattern), re.ASCII),
        start=given.get("start", ""),
        serial=given.get("serial"),
        verified_on=given.get("verified_on"),
    )
