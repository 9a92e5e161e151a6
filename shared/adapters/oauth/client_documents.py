"""Documents in which applications describe themselves, fetched from strangers and kept a while.

``auth:client:{sha256}`` holds a document that was good, with the second until which it may be used
without asking again (RFC 9111 §5.2.2.1). What was not good is never kept.
"""

from __future__ import annotations

import asyncio
import logging
import re
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.identity.client_metadata import MOST_BYTES, ClientMetadataError, client_of
from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from shared.adapters.egress import Egress, Fetched
    from shared.identity.clients import Client
    from shared.kernel.clock import Clock

KEY = "auth:client:"
USUAL, SHORTEST, LONGEST = 3600, 300, 86_400
"""Seconds that a document may be used: where it says nothing, at least, and at most."""
OK = 200
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])", re.IGNORECASE)
_ASKED = {"accept": "application/json", "user-agent": "media-gateway"}
logger = logging.getLogger(__name__)


class ClientDocuments:
    """Applications by the address of their document.

    Args:
        egress: Calls strangers.
        clock: Says until when a document may be used.
        client: Where Redis is.
    """

    def __init__(
        self, egress: Egress, clock: Clock, client: Callable[[], Redis] = connect.redis
    ) -> None:
        self._egress, self._clock, self._client = egress, clock, client

    def find(self, url: str) -> Client | None:
        """Return the application at an address, None where it is none, or nobody answers there.

        Raises:
            UnavailableError: Redis does not answer.
        """
        key = KEY + sha256(url.encode()).hexdigest()
        kept = self._kept(key)
        if kept is not None:
            return client_of(url, kept)
        try:
            found = asyncio.run(self._egress.fetch(url, _ASKED, most_bytes=MOST_BYTES))
            client = client_of(url, _document(found))
        except AppError as error:
            said = {"client": url, "code": error.code, "reason": error.message}
            logger.info("client_metadata.refused", extra=said)
            return None
        self._keep(key, found)
        return client

    def _kept(self, key: str) -> bytes | None:
        with answered("client documents"):
            found = self._client().get(key)
        if found is None:
            return None
        until, document = orjson.loads(found)
        fresh = self._clock.now().timestamp() < until
        return str(document).encode() if fresh else None

    def _keep(self, key: str, found: Fetched) -> None:
        life = _life(found.headers.get("cache-control", ""))
        until = int(self._clock.now().timestamp()) + life
        said = orjson.dumps([until, found.body.decode()])
        with answered("client documents"):
            self._client().set(key, said, ex=life)


def _document(found: Fetched) -> bytes:
    """Return what was answered, where it is a document; a redirect is not followed (§4.1)."""
    kind = found.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found.status != OK:
        raise ClientMetadataError(f"status {found.status}")
    if kind != "application/json" and not kind.endswith("+json"):
        raise ClientMetadataError("no JSON")
    return found.body


def _life(cache_control: str) -> int:
    said = _MAX_AGE.search(cache_control)
    return min(LONGEST, max(SHORTEST, int(said[1]))) if said else USUAL
