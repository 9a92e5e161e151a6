"""API keys, joined with the issuer, the plans and the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.gateway.limits import standard_tables
from shared.identity.api_keys import (
    LIVE,
    RESOURCE,
    TEST,
    TRADED_LIFE,
    ApiKeyUnknownError,
    KeyFacts,
    new_key,
)
from shared.identity.api_keys_wishes import TradedKey, planned, rotated
from shared.identity.exchange import traded_token
from shared.identity.own_applications import must_be_at_home
from shared.identity.step_up import must_be_fresh
from shared.identity.tokens import digest
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.principal import KEY_CLIENT
from shared.runtime import issuing
from shared.runtime.audit import audit_event
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.identity.api_keys import ApiKeys
    from shared.identity.api_keys_wishes import KeyDigest, NewApiKey, Rotation
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock
    from shared.runtime.messages import Request


class KeyDesk:
    """What the endpoints of API keys ask.

    Args:
        keys: As they are kept.
        clock: The time.
    """

    def __init__(self, keys: ApiKeys, clock: Clock) -> None:
        self._keys, self._clock, self._ids = keys, clock, TimeOrderedIds(clock)

    def of(self, request: Request) -> Sequence[KeyFacts]:
        """Return the caller's live keys."""
        return self._keys.of(request.principal.sub, self._clock.now())

    def one(self, request: Request, key_id: str) -> KeyFacts:
        """Return a live key of the caller's.

        Raises:
            ApiKeyUnknownError: They have none of this id.
        """
        for key in self.of(request):
            if key.id == key_id:
                return key
        raise ApiKeyUnknownError(f"there is no key {key_id}")

    def make(self, request: Request, wish: NewApiKey) -> tuple[KeyFacts, str]:
        """Return a new key as it is kept, and itself."""
        self._must_be_there(request)
        key, who = self._new(), request.principal
        most = standard_tables()["tiers"][who.tier.value]["minute"]
        made = planned(wish, key, who, most=most, ids=self._ids, now=self._clock.now())
        act = _act(request, "API_KEY_CREATE", made.id, scopes=made.scopes)
        self._keys.add(who.sub, made, digest(key), act)
        return made, key

    def rotate(self, request: Request, key_id: str, wish: Rotation) -> tuple[KeyFacts, str]:
        """Return a new key in the place of another, and itself."""
        self._must_be_there(request)
        key, now = self._new(), self._clock.now()
        old, made = rotated(self.one(request, key_id), key, wish, ids=self._ids, now=now)
        act = _act(request, "API_KEY_ROTATE", key_id, successor=made.id)
        self._keys.replace(request.principal.sub, old, (made, digest(key)), act)
        return made, key

    def revoke(self, request: Request, key_id: str) -> None:
        """End a key of the caller's."""
        must_be_at_home(request.principal)
        act = _act(request, "API_KEY_REVOKE", key_id)
        self._keys.revoke(request.principal.sub, key_id, self._clock.now(), act)

    def trade(self, shown: KeyDigest) -> TradedKey:
        """Return a short token for a key.

        Raises:
            ApiKeyUnknownError: No live key of a live account has this digest.
        """
        now, made = self._clock.now(), issuing.issuer()
        used = self._keys.use(bytes.fromhex(shown.digest), now)
        if used is None:
            raise ApiKeyUnknownError("there is no such key, or it has ended")
        life = min(TRADED_LIFE, max(timedelta(seconds=1), used.expires_at - now))
        return TradedKey(
            access_token=traded_token(made, used, client_id=KEY_CLIENT + used.id, life=life),
            expires_in=int(life.total_seconds()),
            key_id=used.id,
            rate_limit_per_minute=used.rate_limit_per_minute,
        )

    def _must_be_there(self, request: Request) -> None:
        """Refuse whoever is not the user, or was proven to be them too long ago."""
        must_be_at_home(request.principal)
        must_be_fresh(request.principal, self._clock.now())

    def _new(self) -> str:
        return new_key(LIVE if settings().environment == "prod" else TEST)


def _act(request: Request, action: str, key_id: str, **details: Any) -> AuditEvent:  # noqa: ANN401 - JSON
    said: dict[str, Any] = {"resource_type": RESOURCE, "resource_id": key_id}
    return audit_event(request, request.principal, action, **said, details=details)
