"""Items a viewer would recognize."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.catalog.item import CanonicalItem, Credit, Offer, Source
from shared.catalog.values import ContentType, CreditRole, OfferType, Quality

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAT = {
    "title": "Heat",
    "content_type": ContentType.MOVIE,
    "release_year": 1995,
    "runtime_minutes": 170,
    "genres": ("Crime", "Drama"),
    "countries": ("US",),
    "credits": (
        Credit(name="Michael Mann", role=CreditRole.DIRECTOR),
        Credit(name="Al Pacino", role=CreditRole.ACTOR, order=1),
    ),
}


def stream(**changes: Any) -> Offer:  # noqa: ANN401 - any field
    """Return a subscription offer."""
    given = {"type": OfferType.SUBSCRIPTION, "quality": Quality.HD, **changes}
    return Offer.model_validate(given)


def item(platform: str = "netflix", listing: str = "1", **changes: Any) -> CanonicalItem:  # noqa: ANN401 - any field
    """Return what an aggregator says of the film Heat, or of what `changes` make of it."""
    provider = changes.pop("provider", "streaming_availability")
    fetched_at = changes.pop("fetched_at", NOON)
    given = {
        "source": Source(
            provider=provider, fetched_at=fetched_at, raw_uri=f"raw/{platform}.json.gz#{listing}"
        ),
        "platform": platform,
        "platform_content_id": listing,
        "region": "US",
        "offers": (stream(),),
        **HEAT,
        **changes,
    }
    return CanonicalItem.model_validate(given)


def bare(platform: str, listing: str, title: str = "Heat", **changes: Any) -> CanonicalItem:  # noqa: ANN401 - any field
    """Return an item that says title, type and year, and whatever `changes` add."""
    nothing = {"runtime_minutes": None, "genres": (), "countries": (), "credits": ()}
    return item(platform, listing, **{**nothing, "title": title, **changes})
