"""Canonical items of a notice, where nobody can be asked who knows more."""

from collections.abc import Sequence

from shared.catalog.item import CanonicalItem, Source
from shared.catalog.webhooks.notice import Notice
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.kernel.text import clean

PROVIDER = "webhook"
"""Source of such items; `shared.matching.priority` believes it less than any provider."""
LONGEST_OVERVIEW = 1000


def items_of(notice: Notice, regions: Sequence[str], *, raw_uri: str) -> list[CanonicalItem]:
    """Return one item a region. A notice says nothing of terms, so none has an offer.

    Args:
        notice: What the platform told.
        regions: Where, at least one.
        raw_uri: Where the notice lies.

    Raises:
        InvalidInputError: The notice has no title.
    """
    payload = notice.payload
    title = clean(payload.title or "")
    if not title:
        issue = FieldIssue("payload.title", "missing", "is needed: nobody else knows the title")
        raise InvalidInputError("the notice says too little", issues=[issue])
    source = Source(provider=PROVIDER, fetched_at=notice.timestamp, raw_uri=f"{raw_uri}#0")
    return [
        CanonicalItem(
            source=source,
            platform=notice.platform,
            platform_content_id=payload.content_id,
            region=region,
            title=title,
            overview=_shortened(clean(payload.overview or "")) or None,
            content_type=payload.content_type,
            release_year=payload.year,
            runtime_minutes=payload.runtime,
            updated_at=notice.timestamp,
        )
        for region in regions
    ]


def _shortened(text: str) -> str:
    """Return a text cut at a word, so that it fits an item."""
    if len(text) <= LONGEST_OVERVIEW:
        return text
    return text[: LONGEST_OVERVIEW - 1].rsplit(" ", 1)[0] + "…"
