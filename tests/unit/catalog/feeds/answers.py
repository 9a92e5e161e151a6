"""Answers of providers for tests: invented values in the shapes that providers document."""

from pathlib import Path
from typing import Any

import orjson

from shared.catalog.item import CanonicalItem, Offer
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import ALL_REGIONS, Normalized, RawPage
from tests.unit.catalog.pages import NOON, RAW_URI

PAYLOADS = Path(__file__).parents[3] / "fixtures" / "payloads"


def answer(name: str) -> Any:  # noqa: ANN401 - JSON
    """Return an invented answer (``tmdb/details.json``)."""
    return orjson.loads((PAYLOADS / name).read_bytes())


def read(provider: str, *records: Any, region: str = ALL_REGIONS, **more: Any) -> Normalized:  # noqa: ANN401 - JSON
    """Return what becomes of a provider's answers."""
    given = {"provider": provider, "platform": "all", "region": region, "fetched_at": NOON}
    page = RawPage.model_validate({**given, "records": list(records), **more})
    return normalize_page(page, RAW_URI)


def by_listing(found: Normalized) -> dict[tuple[str, str], CanonicalItem]:
    """Return items by platform and region."""
    return {(item.platform, item.region): item for item in found.items}


def terms(offer: Offer) -> tuple[str, str | None, int | None, str | None]:
    """Return on what terms an offer is: type, tier, price and currency."""
    return offer.type.value, offer.tier, offer.price_minor, offer.currency
