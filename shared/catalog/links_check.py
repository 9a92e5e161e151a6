"""What a weekly look at pages says of the templates that made their addresses.

A server sees less than a viewer: where it stands, and what is thought of machines there. So only a
page that says that it is not there (404, 410) counts against its template (spec/ingestion §5.6); a
refusal or a network that fails says nothing. All that the look at a template concludes is one vote
a week, weighed as a viewer's by `shared.catalog.links_health`: with evidence halved each week that
adds up to ``2 * FAILED_STEP`` = 2.5 of the 11.5 that take a template out. It raises a doubt, and
viewers decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from shared.catalog.links_health import BROKEN, WORKS, LinkOutcome
from shared.catalog.links_templates import Device, LinkKind, Links, links_of
from shared.catalog.platforms import content_id_of_link

if TYPE_CHECKING:
    from shared.catalog.values import ContentType

SAMPLE = 20
"""Offers that are looked at on each platform."""
LEAST = 5
"""Pages that have to answer before anything is concluded."""
EXAMPLES = 3
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class PageState(StrEnum):
    """What a page said; what neither answers nor is gone says nothing of its template."""

    FOUND = "found"
    MOVED = "moved"
    GONE = "gone"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


def state_of(status: int) -> PageState:
    """Return what a status says of a page."""
    if status in _GONE:
        return PageState.GONE
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return PageState.FOUND
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return PageState.MOVED
    return PageState.REFUSED


@dataclass(frozen=True)
class SampledOffer:
    """An offer whose links are looked at; fields as of `shared.catalog.links.LinkedOffer`."""

    platform: str
    listing: str
    region: str
    content_type: ContentType
    link: str | None


def pages_of(offers: Iterable[SampledOffer]) -> dict[str, frozenset[str]]:
    """Return addresses of pages, each with the templates that make it.

    Links that providers sent count as a template of the platform. Schemes of apps are none that a
    server can call.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for offer in offers:
        links = links_of(offer.platform)
        for template, url in _made(links, offer) if links else ():
            found[url].add(template)
    return {url: frozenset(templates) for url, templates in found.items()}


def _made(links: Links, offer: SampledOffer) -> Iterator[tuple[str, str]]:
    if sent := links.provider_link(offer.link):
        yield links.provider_id, sent
    own = content_id_of_link(offer.platform, offer.link) if offer.link else None
    for template in links.templates:
        if template.kind is LinkKind.UNIVERSAL and template.suits(Device.WEB, offer.content_type):
            made = template.filled(own or offer.listing, offer.region)
            if made:
                yield template.id, made


@dataclass(frozen=True)
class TemplateCheck:
    """What the pages of one template said.

    Attributes:
        counts: How many pages said each.
        examples: Some that were gone.
    """

    template: str
    counts: Mapping[PageState, int]
    examples: tuple[str, ...] = ()

    @property
    def platform(self) -> str:
        """Whose template it is."""
        return self.template.partition(".")[0]

    @property
    def vote(self) -> LinkOutcome | None:
        """What is concluded: it works, it is broken, or nothing.

        Bounds are what working and broken templates open (`shared.catalog.links_health`).
        """
        gone = self.counts.get(PageState.GONE, 0)
        known = (PageState.FOUND, PageState.MOVED, PageState.GONE)
        answered = sum(self.counts.get(state, 0) for state in known)
        if answered < LEAST:
            return None
        if answered - gone <= BROKEN * answered:
            return LinkOutcome.FAILED
        return LinkOutcome.OPENED if answered - gone >= WORKS * answered else None


def checked(
    pages: Mapping[str, frozenset[str]], states: Mapping[str, PageState]
) -> list[TemplateCheck]:
    """Return what was seen of each template, by name; pages that nobody asked count nowhere."""
    counts: defaultdict[str, Counter[PageState]] = defaultdict(Counter)
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for url, state in sorted(states.items()):
        for template in pages[url]:
            counts[template][state] += 1
            if state is PageState.GONE:
                gone[template].append(url)
    return [
        TemplateCheck(name, dict(counts[name]), tuple(gone[name][:EXAMPLES]))
        for name in sorted(counts)
    ]


def voter(template: str, week: date) -> bytes:
    """Return what stands for this look among those who vote: the same within a week, no viewer."""
    said = f"links-check\x1f{template}\x1f{week.isoformat()}"
    return blake2b(said.encode(), digest_size=16).digest()


class CheckedLinks(BaseModel):
    """What pages of a template said when they were looked at last.

    Attributes:
        examples: Some that were gone.
    """

    model_config = ConfigDict(extra="forbid")

    template: str
    platform: str
    checked_at: datetime
    found: int
    moved: int
    gone: int
    refused: int
    unreachable: int
    examples: Sequence[str]
