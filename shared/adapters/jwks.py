"""The issuer's public keys (RFC 7517), asked for seldom and kept while their source is down.

A set is fresh for as long as ``Cache-Control`` says, else five minutes. Past that one request asks
again while others use what is there; a source that does not answer is asked every half minute, and
its last set serves for a day. A key that nobody knows is looked for once a minute at most.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

DEFAULT_FRESH = timedelta(seconds=300)
LEAST_FRESH, MOST_FRESH = timedelta(seconds=60), timedelta(hours=1)
KEPT = timedelta(hours=24)
RETRY = timedelta(seconds=30)
FIRST_RETRY = timedelta(seconds=5)
"""How soon a source is asked again that never answered: nothing can be checked without it."""
UNKNOWN_KEY = timedelta(seconds=60)
TIMEOUT_SECONDS = 2.0
SIZE_LIMIT = 64 << 10
LEAST_RSA_BITS = 2048
"""RFC 7518 §3.3."""
NO_KEYS = "the keys that tokens are checked with cannot be had"

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})\"?\s*(?:,|$)", re.IGNORECASE)
_NEVER = datetime.min.replace(tzinfo=UTC)
_FORMS = {"OKP": ("EdDSA", ("kty", "crv", "x")), "RSA": ("RS256", ("kty", "n", "e"))}


@dataclass(frozen=True)
class PublicKey:
    """One key of the issuer.

    Attributes:
        kid: Its name in the set.
        alg: The only algorithm it serves, ``EdDSA`` or ``RS256``.
        facts: What the source said of it, to tell whether a set has changed.
        verify: Tells whether a signature (second) is that of a message (first).
    """

    kid: str
    alg: str
    facts: tuple[str, ...]
    verify: Callable[[bytes, bytes], bool]


class KeySource:
    """The keys of one issuer; made for one event loop.

    Attributes:
        due_at: From then on `renew` has something to do.
        generation: Grows when the set changes: what was verified by an earlier set is to be
            verified again.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, PublicKey] = {}
        self._fetched_at = self._asked_at = self.due_at = _NEVER
        self._pending: asyncio.Task[None] | None = None
        self.generation = 0

    async def renew(self) -> None:
        """Ask for the set where it is time to; a failure leaves what is there.

        Raises:
            UnavailableError: There is no set at all.
        """
        if self._clock.now() >= self.due_at and (self._pending is None or not self._keys):
            await self._ask()
        if not self._keys:
            raise UnavailableError(NO_KEYS)

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key of that name, looking for it once a minute where it is not there.

        Raises:
            UnavailableError: There is no set at all.
        """
        if kid not in self._keys:
            searched = self._clock.now() - self._asked_at < UNKNOWN_KEY
            if self._pending is not None or not searched:
                await self._ask()
        if not self._keys:
            raise UnavailableError(NO_KEYS)
        return self._keys.get(kid)

    async def _ask(self) -> None:
        """Wait for the one request on its way; whoever waits may leave without ending it."""
        if self._pending is None:
            self._pending = asyncio.ensure_future(self._renewed())
        await asyncio.shield(self._pending)

    async def _renewed(self) -> None:
        self._asked_at = self._clock.now()
        try:
            self._take(*await asyncio.to_thread(_asked, self._url))
        except UnavailableError as error:
            self._keep(error)
        finally:
            self._pending = None

    def _take(self, keys: Mapping[str, PublicKey], fresh: timedelta) -> None:
        self._fetched_at = self._clock.now()
        self.due_at = self._fetched_at + fresh
        if {k.facts for k in keys.values()} != {k.facts for k in self._keys.values()}:
            self._keys = keys
            self.generation += 1
            logger.info("keys.changed", extra={"keys": sorted(keys)})

    def _keep(self, error: UnavailableError) -> None:
        now = self._clock.now()
        logger.warning("keys.unreachable", extra={"source": self._url, "reason": error.message})
        if self._keys and now - self._fetched_at > KEPT:
            self._keys = {}
            self.generation += 1
        self.due_at = now + (RETRY if self._keys else FIRST_RETRY)


def _asked(url: str) -> tuple[dict[str, PublicKey], timedelta]:
    body, fresh = fetch(url)
    return public_keys(body), fresh


def fetch(url: str) -> tuple[bytes, timedelta]:
    """Return the body at ``url`` and how long it is fresh; blocks for some seconds at most.

    Raises:
        UnavailableError: It does not answer, answers no 200, or too much.
    """
    import httpx2  # noqa: PLC0415 - 60 ms, only where tokens are checked

    body = b""
    try:
        options: dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "trust_env": False}
        with httpx2.Client(**options) as client, client.stream("GET", url) as answer:
            if answer.status_code != 200:  # noqa: PLR2004 - anything else is no set
                raise UnavailableError(f"the key source answered {answer.status_code}")
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > SIZE_LIMIT:
                    raise UnavailableError(f"the key set has more than {SIZE_LIMIT} bytes")
            return body, freshness(answer.headers.get("cache-control", ""))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UnavailableError(f"the key source cannot be reached: {error!r}") from error


def freshness(cache_control: str) -> timedelta:
    """Return how long a set is fresh: ``max-age`` from a minute to an hour, else five minutes."""
    found = _MAX_AGE.search(cache_control)
    if found is None:
        return DEFAULT_FRESH
    return min(MOST_FRESH, max(LEAST_FRESH, timedelta(seconds=int(found[1]))))


def public_keys(body: bytes) -> dict[str, PublicKey]:
    """Return the usable keys of a set by name; others are passed over (RFC 7517 §5).

    Usable is a key with a name, for signatures, of a kind that serves EdDSA or RS256; of two with
    one name, neither. Secret keys are never taken: no token is checked with one.

    Raises:
        UnavailableError: It is no set, or none of its keys is usable.
    """
    try:
        given = orjson.loads(body)["keys"]
    except (orjson.JSONDecodeError, LookupError, TypeError):
        given = None
    if not isinstance(given, list):
        raise UnavailableError("the key source's answer is no key set")
    found = [k for each in given if isinstance(each, dict) and (k := _public_key(each)) is not None]
    names = [key.kid for key in found]
    keys = {key.kid: key for key in found if names.count(key.kid) == 1}
    if not keys:
        raise UnavailableError("the key set has no key that serves EdDSA or RS256")
    return keys


def _public_key(given: Mapping[str, Any]) -> PublicKey | None:
    alg, members = _FORMS.get(str(given.get("kty")), ("", ()))
    kid = given.get("kid")
    facts = tuple(given.get(name) for name in members)
    wrong = given.get("alg", alg) != alg or given.get("use", "sig") != "sig"
    if wrong or not alg or not all(isinstance(each, str) and each for each in (kid, *facts)):
        return None
    verify = _verifier(alg, dict(zip(members, map(str, facts), strict=True)))
    said = (str(kid), *map(str, facts))
    return None if verify is None else PublicKey(str(kid), alg, said, verify)


def _verifier(alg: str, jwk: dict[str, Any]) -> Callable[[bytes, bytes], bool] | None:
    """Return what checks signatures by the public members of a key, None where it cannot."""
    # 60 ms, only where tokens are checked
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OKPKey, RSAKey  # noqa: PLC0415
    from joserfc.jws import JWSRegistry  # noqa: PLC0415

    key: Any
    if alg == "EdDSA" and jwk["crv"] != "Ed25519":
        return None  # before the import below, which fails on a curve it does not know
    if alg == "RS256" and len(jwk["n"]) * 6 < LEAST_RSA_BITS:
        return None  # likewise, which warns of it
    try:
        key = OKPKey.import_key(jwk) if alg == "EdDSA" else RSAKey.import_key(jwk)
        native = key.public_key
    except (JoseError, ValueError):
        return None
    if alg == "RS256" and native.key_size < LEAST_RSA_BITS:
        return None
    # From the table itself: asking by name warns that RFC 9864 renamed EdDSA.
    algorithm = JWSRegistry.algorithms[alg]
    return lambda message, signature: bool(algorithm.verify(message, signature, key))
