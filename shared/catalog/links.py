"""Links that open a title where it can be watched (spec/ingestion §5.6, spec/playback §5.4).

Candidates come in order: what a provider sent and what the templates of the platform make of its
own id; where a start is asked for, those that begin there come first. Those that reports have
quarantined are passed over, so the next one takes over; a web page is always there, at worst the
platform's front page. Nothing is made of our own ids, and nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.catalog.links_templates import Device, LinkKind, Links, Template, links_of
from shared.catalog.platforms import content_id_of_link
from shared.catalog.values import ContentType, OfferType
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

IsOut = Callable[[str, Device], bool]
"""Tells whether a template is passed over on a kind of device."""


class NotOnPlatformError(NotFoundError):
    """The title cannot be watched on the platform, in that region."""

    code = "not-on-platform"


@dataclass(frozen=True)
class LinkedOffer:
    """What is known of one offer that a link may be made of.

    Attributes:
        listing: What its source calls the title: the platform's own id, or the source's.
        link: The title's page, as a provider sent it.
        video_link: What plays at once, likewise.
    """

    type: OfferType
    region: str
    listing: str
    link: str | None = None
    video_link: str | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Attributes:
        installed: Platforms whose app the device has; None where nobody said.
        start_seconds: Where to begin, 0 at the beginning.
    """

    device: Device = Device.WEB
    content_type: ContentType = ContentType.UNKNOWN
    installed: Collection[str] | None = None
    start_seconds: int = 0


@dataclass(frozen=True)
class DeepLink:
    """How a title is opened.

    Attributes:
        deep_link_url: Opens the platform's app at the title, where the device can.
        universal_link: The same by a web page's address.
        tv_url: The same on a television.
        web_fallback_url: A page for every browser.
        leads_to: What that page is of: ``title`` or ``platform``.
        is_supported: The device can open the title itself.
        start_position_applied: The link begins where it was asked to.
        template: What the best link was made by, for reports of what it came to.
        availability: The best terms.
    """

    platform: str
    deep_link_url: str | None
    universal_link: str | None
    tv_url: str | None
    web_fallback_url: str
    leads_to: str
    is_supported: bool
    start_position_applied: bool
    template: str | None
    availability: OfferType

    @property
    def outcome(self) -> str:
        """How well it opens: ``supported``, ``web`` (a page of the title) or ``platform``."""
        if self.is_supported:
            return "supported"
        return "web" if self.leads_to == "title" else "platform"


@dataclass(frozen=True)
class _Candidate:
    template: str
    kind: LinkKind
    url: str
    starts: bool = False


def deep_link(
    links: Links, offers: Sequence[LinkedOffer], asked: Asked, *, is_out: IsOut
) -> DeepLink:
    """Return how a title is opened on one platform.

    Args:
        links: Of the platform.
        offers: Of the title there, best terms first, at least one.
        asked: On what, and where to begin.
        is_out: Which templates are passed over now.
    """
    page = next(_working(links, offers, _on_web(asked), is_out), None)
    best: list[_Candidate] = []
    if asked.device is not Device.WEB:
        best = list(_working(links, offers, asked, is_out))
    has_app = asked.installed is None or links.platform.id in asked.installed
    universal = next((c for c in best if c.kind is LinkKind.UNIVERSAL), None)
    opened = next(iter(best), None) if has_app else None
    told = opened or page
    return DeepLink(
        platform=links.platform.id,
        deep_link_url=opened.url if opened else None,
        universal_link=None if asked.device.is_tv or universal is None else universal.url,
        tv_url=opened.url if opened and asked.device.is_tv else None,
        web_fallback_url=page.url if page else links.home,
        leads_to="title" if page else "platform",
        is_supported=page is not None if asked.device is Device.WEB else opened is not None,
        start_position_applied=bool(told and told.starts),
        template=told.template if told else None,
        availability=offers[0].type,
    )


def deep_links(
    offers: Mapping[str, Sequence[LinkedOffer]], asked: Asked, *, is_out: IsOut
) -> list[DeepLink]:
    """Return how a title is opened on every platform that has it, in the order of ``offers``.

    A platform that is not configured has none.
    """
    known = ((links_of(platform), found) for platform, found in offers.items())
    return [deep_link(links, found, asked, is_out=is_out) for links, found in known if links]


def _on_web(asked: Asked) -> Asked:
    return Asked(Device.WEB, asked.content_type, start_seconds=asked.start_seconds)


def _working(
    links: Links, offers: Sequence[LinkedOffer], asked: Asked, is_out: IsOut
) -> Iterator[_Candidate]:
    found = (c for c in _candidates(links, offers, asked) if not is_out(c.template, asked.device))
    if not asked.start_seconds:
        return found
    return iter(sorted(found, key=lambda candidate: not candidate.starts))


def _candidates(links: Links, offers: Sequence[LinkedOffer], asked: Asked) -> Iterator[_Candidate]:
    """Yield every link that can be made, the best first."""
    if asked.device is not Device.ROKU:
        yield from _sent(links, offers, asked)
    for template in links.templates:
        if template.suits(asked.device, asked.content_type):
            yield from _made(links, template, offers, asked)


def _sent(links: Links, offers: Sequence[LinkedOffer], asked: Asked) -> Iterator[_Candidate]:
    for offer in offers:
        # What plays at once comes first on a television, the title's page everywhere else.
        sent = (offer.link, offer.video_link)
        for link in reversed(sent) if asked.device.is_tv else sent:
            checked = links.provider_link(link)
            if checked:
                yield _Candidate(links.provider_id, LinkKind.UNIVERSAL, checked)


def _made(
    links: Links, template: Template, offers: Sequence[LinkedOffer], asked: Asked
) -> Iterator[_Candidate]:
    for offer in offers:
        for own_id in _own_ids(links.platform.id, offer):
            url = template.filled(own_id, offer.region, start_seconds=asked.start_seconds)
            if url:
                starts = bool(template.start and asked.start_seconds)
                yield _Candidate(template.id, template.kind, url, starts)


def _own_ids(platform: str, offer: LinkedOffer) -> Iterator[str]:
    """Yield the platform's own ids of an offer: those in its links are surely the platform's."""
    for link in (offer.link, offer.video_link):
        found = content_id_of_link(platform, link) if link else None
        if found:
            yield found
    yield offer.listing
