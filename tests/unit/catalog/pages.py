"""Raw pages for tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.catalog.normalize import normalize_page
from shared.catalog.raw import Normalized, RawPage

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
RAW_URI = "provider/all-US/run/00001.json.gz"


def file_page(*rows: Mapping[str, Any], preset: str = "justwatch", **more: Any) -> RawPage:  # noqa: ANN401 - any field
    """Return a page of a file for Netflix in the US, unless told otherwise."""
    given = {"provider": "generic", "platform": "netflix", "region": "US", "preset": preset}
    return RawPage.model_validate({**given, "fetched_at": NOON, "records": list(rows), **more})


def v4_page(*shows: Any, platform: str = "all", region: str = "US", **more: Any) -> RawPage:  # noqa: ANN401 - JSON
    """Return a page of the aggregator."""
    given = {"provider": "streaming_availability", "platform": platform, "region": region}
    return RawPage.model_validate({**given, "fetched_at": NOON, "records": list(shows), **more})


def normalized(page: RawPage) -> Normalized:
    """Return what becomes of a page."""
    return normalize_page(page, RAW_URI)
