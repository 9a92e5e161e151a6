"""GET links that open a title where it can be watched."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import probes
from shared.adapters.sql.links.offers import LinkedTitle, SqlLinkedTitles
from shared.catalog.item import PlatformId, Region
from shared.catalog.links import Asked, DeepLink, NotOnPlatformError, deep_links
from shared.catalog.links_answers import DeepLinkAnswer, LinkList
from shared.catalog.links_templates import Device
from shared.gateway.vary import TAGS_HEADER
from shared.runtime import http, metrics

titles = SqlLinkedTitles()


class LinkParameters(BaseModel):
    """For which device, in which region (none: any).

    Attributes:
        apps: Platforms whose app the device has; none where nobody knows.
    """

    model_config = ConfigDict(extra="forbid")

    region: Region | None = None
    device: Device = Device.WEB
    apps: tuple[PlatformId, ...] = Field(default=(), max_length=50)
    start_position_seconds: int = Field(default=0, ge=0, le=86_400)


class TitleLinks(LinkParameters):
    """Links of which title, on which platform (none: all)."""

    id: UUID
    platform: PlatformId | None = None


class PlatformLink(LinkParameters):
    """The link of which title on which platform."""

    content_id: UUID
    platform: PlatformId


def _found(
    content_id: UUID, platform: str | None, asked: LinkParameters
) -> tuple[LinkedTitle, list[DeepLink]]:
    title = titles.title(content_id, region=asked.region, platform=platform, device=asked.device)
    wanted = Asked(
        asked.device, title.content_type, asked.apps or None, asked.start_position_seconds
    )
    found = deep_links(title.offers, wanted, is_out=title.is_out)
    for link in found:
        metrics.count(metrics.DEEP_LINKS, platform=link.platform, outcome=link.outcome)
    return title, found


def _reply(answer: Any, title: LinkedTitle) -> http.Reply:  # noqa: ANN401 - whatever JSON can say
    return http.reply(answer, headers={TAGS_HEADER: title.id})


@http.describes(query=PlatformLink, answer=DeepLinkAnswer)
def get_deep_link(request: http.Request) -> http.Reply:
    """Answer with the link of one title on one platform."""
    asked = request.query(PlatformLink)
    title, found = _found(asked.content_id, asked.platform, asked)
    if not found:
        raise NotOnPlatformError(f"{asked.platform} does not have title {title.id} there")
    return _reply(found[0], title)


@http.describes(query=TitleLinks, answer=LinkList)
def list_links(request: http.Request) -> http.Reply:
    """Answer with the links of one title on every platform that has it."""
    asked = request.query(TitleLinks)
    title, found = _found(asked.id, asked.platform, asked)
    return _reply({"items": found}, title)


handle = http.resource(__file__, get_deep_link, list_links, probes=[probes.database])
