"""Who takes a part whose provider cannot be asked now (spec/ingestion §7).

The order is configuration (``stand_ins`` in ``data/providers.json``). Nothing is lost, since the
watermark of the provider that was to be asked stays where it is; nothing is doubled, since what
two providers say of a title is resolved to one.
"""

from collections.abc import Container, Sequence
from dataclasses import replace

from shared.catalog.fetch import EPISODES, FEEDS, KINDS, Fetch
from shared.catalog.raw import ALL_PLATFORMS
from shared.catalog.streaming_availability import PROVIDER


def stand_ins(fetch: Fetch, order: Sequence[str], configured: Container[str]) -> list[Fetch]:
    """Return the fetches that may take the place of one, in the order in which to try them.

    Feeds of other providers than Streaming Availability tell of a region, not of a platform: one
    of them is walked once for all platforms of a run. Nobody stands in where offers of episodes are
    asked for: no other provider has any.

    Args:
        fetch: What cannot be fetched of its own provider.
        order: Providers that may stand in for that one.
        configured: Providers that we have a key of.
    """
    if fetch.kind == EPISODES:
        return []
    able = (name for name in order if name in configured and fetch.kind in KINDS.get(name, ()))
    return [replace(fetch, provider=name, platform=_platform(name, fetch)) for name in able]


def _platform(provider: str, fetch: Fetch) -> str:
    of_a_region = fetch.kind in FEEDS and provider != PROVIDER
    return ALL_PLATFORMS if of_a_region else fetch.platform
