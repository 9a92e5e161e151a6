"""Where providers are for this process; one without a key is not asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from shared.adapters.providers.sources import Place
from shared.catalog.streaming_availability import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.adapters.connect import Addresses


def all_places(at: Addresses, secret: Callable[[str], str]) -> dict[str, Place]:
    """Return where every configured provider is.

    Args:
        at: Addresses and references of keys.
        secret: Gives the key of a reference.
    """
    given = {
        PROVIDER: (at.provider_url, at.provider_key, ()),
        "tmdb": (at.tmdb_url, at.tmdb_key, ()),
        "watchmode": (at.watchmode_url, at.watchmode_key, ()),
        "youtube": (at.youtube_url, at.youtube_key, at.youtube_channels),
    }
    return {
        name: Place(url, partial(secret, key), key, channels)
        for name, (url, key, channels) in given.items()
        if key or name == PROVIDER
    }
