"""The key that searches are told apart with, and their texts closed, until five people used them.

All is derived from ``MEDIA_GATEWAY_LOG_KEY``: pseudonyms where a search is answered, seals there
and where it is kept. Without it neither happens.
"""

from __future__ import annotations

import hmac
import logging
from functools import cache
from typing import TYPE_CHECKING

from shared.adapters.sealing import Sealer
from shared.adapters.secrets import secret
from shared.kernel.errors import UnavailableError
from shared.runtime.logging import KEY_BYTES
from shared.runtime.settings import settings
from shared.search.analytics.events import Pseudonyms

if TYPE_CHECKING:
    from shared.search.analytics.events import SearchEvent

logger = logging.getLogger(__name__)
SEALING = b"search-seal"


@cache
def pseudonyms() -> Pseudonyms:
    """Return what stands for texts and people.

    Raises:
        UnavailableError: The key cannot be read, or is too short.
    """
    return Pseudonyms(_key())


@cache
def sealer() -> Sealer:
    """Return what closes and opens texts.

    Raises:
        UnavailableError: The key cannot be read, or is too short.
    """
    return Sealer([hmac.digest(_key(), SEALING, "sha256").hex()])


def seal(norm: str, query_hash: bytes) -> str:
    """Return a text that can be opened beside what stands for it, and nowhere else."""
    return sealer().seal(norm, place=query_hash.hex())


def opened(search: SearchEvent) -> str:
    """Return what was typed; empty where it was sealed with a key of before, or changed since.

    Raises:
        UnavailableError: The key cannot be read now.
    """
    found = sealer()
    try:
        return found.open(search.sealed_text, place=search.query_hash.hex())
    except UnavailableError as error:
        said = {"search": str(search.search_id), "detail": error.message}
        logger.warning("search_text.not_opened", extra=said)
        return ""


def _key() -> bytes:
    reference = settings().log_key
    key = secret(reference).encode()
    if len(key) < KEY_BYTES:
        raise UnavailableError(f"{reference} has fewer than {KEY_BYTES} bytes")
    return key
