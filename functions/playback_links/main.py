"""GET links that open a title where it can be watched."""

from typing import Any
from uuid import UUID

from shared.adapters import probes
from shared.adapters.sql.links.offers import LinkedTitle, SqlLinkedTitles
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.links import Asked, DeepLink, NotOnPlatformError, deep_links
from shared.catalog.links_answers import DeepLinkAnswer, LinkList
from shared.catalog.links_asked import LinkParameters, PlatformLink, TitleLinks
from shared.gateway.vary import TAGS_HEADER
from shared.kernel.clock import SystemClock
from shared.kernel.principal import Principal
from shared.kernel.viewing import must_be_open
from shared.runtime import http, metrics
from shared.runtime.viewer import authorize
from shared.search.viewers import may_see

clock = SystemClock()
titles = SqlLinkedTitles()


def _found(
    content_id: UUID, platform: str | None, asked: LinkParameters, *, viewer: Principal
) -> tuple[LinkedTitle, list[DeepLink]]:
    must_be_open(viewer, clock.now())
    title = titles.title(content_id, region=asked.region, platform=platform, device=asked.device)
    if not may_see(viewer, title.maturity_rank, title.genres):
        raise ContentNotFoundError(f"there is no title {content_id}")
    wanted = Asked(
        asked.device, title.content_type, asked.apps or None, asked.start_position_seconds
    )
    found = deep_links(title.offers, wanted, is_out=title.is_out)
    for link in found:
        metrics.count(metrics.DEEP_LINKS, platform=link.platform, outcome=link.outcome)
    return title, found


def _reply(answer: Any, title: LinkedTitle, viewer: Principal) -> http.Reply:  # noqa: ANN401 - whatever JSON can say
    """Answer, for keeping unless the hour counts."""
    kept = {"cache-control": "no-store"} if viewer.viewing else {}
    return http.reply(answer, headers={TAGS_HEADER: title.id, **kept})


@http.describes(query=PlatformLink, answer=DeepLinkAnswer)
def get_deep_link(request: http.Request) -> http.Reply:
    """Answer with the link of one title on one platform."""
    asked = request.query(PlatformLink)
    title, found = _found(asked.content_id, asked.platform, asked, viewer=request.principal)
    if not found:
        raise NotOnPlatformError(f"{asked.platform} does not have title {title.id} there")
    return _reply(found[0], title, request.principal)


@http.describes(query=TitleLinks, answer=LinkList)
def list_links(request: http.Request) -> http.Reply:
    """Answer with the links of one title on every platform that has it."""
    asked = request.query(TitleLinks)
    title, found = _found(asked.id, asked.platform, asked, viewer=request.principal)
    return _reply({"items": found}, title, request.principal)


handle = http.resource(
    __file__, get_deep_link, list_links, authorize=authorize, probes=[probes.database]
)
