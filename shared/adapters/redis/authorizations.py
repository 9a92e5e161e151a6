"""Requests for access that wait for their users, and codes that wait for their applications.

============================  ====================================================================
``auth:pkce:{id}``            JSON: a request, and until when it waits
``auth:code:{sha256}``        hash: what a code is good for and until when; once shown, only that it
                              was, with the session that began of it
============================  ====================================================================

Both are good for as long as the clock says; keys stay longer, and tell nobody anything by that.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.identity.authorization import LIFE, AuthorizationRequest
from shared.identity.authorization_code import CODE_LIFE, REMEMBERED, CodeGrant, Shown, Taking

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from redis import Redis

REQUEST = "auth:pkce:"
CODE = "auth:code:"
TAKE = Path(__file__).with_name("code_take.lua").read_text(encoding="utf-8")
BEGAN = Path(__file__).with_name("code_began.lua").read_text(encoding="utf-8")


class RedisRequests:
    """`shared.identity.authorization.Requests`; every call is one round trip.

    Every call raises `UnavailableError` where Redis does not answer.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def keep(self, request: AuthorizationRequest) -> None:
        """Keep a request for `LIFE`."""
        said = orjson.dumps(request)
        with answered("authorizations"):
            self._client().set(REQUEST + request.id, said, px=2 * _length(LIFE))

    def find(self, request_id: str, now: datetime) -> AuthorizationRequest | None:
        """Return a request, None where it was decided or its time is over."""
        with answered("authorizations"):
            return _waiting(self._client().get(REQUEST + request_id), now)

    def take(self, request_id: str, now: datetime) -> AuthorizationRequest | None:
        """Return a request and forget it: of several who take it, one is given it."""
        with answered("authorizations"):
            return _waiting(self._client().getdel(REQUEST + request_id), now)


class RedisCodes:
    """`shared.identity.authorization_code.Codes`; every call is one round trip.

    Every call raises `UnavailableError` where Redis does not answer.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def keep(self, code_hash: bytes, grant: CodeGrant, now: datetime) -> None:
        """Keep a new code for `CODE_LIFE`."""
        key = CODE + code_hash.hex()
        kept: dict[Any, Any] = {
            "status": "ready",
            "expires_at": _milliseconds(now) + _length(CODE_LIFE),
            "grant": orjson.dumps(grant),
        }
        with answered("authorizations"), self._client().pipeline(transaction=True) as both:
            both.hset(key, mapping=kept)
            both.pexpire(key, 2 * _length(CODE_LIFE))
            both.execute()

    def take(self, code_hash: bytes, now: datetime) -> Taking:
        """Use a code up; of several who do, one is given what it is good for."""
        given = (CODE + code_hash.hex(), _milliseconds(now), _length(REMEMBERED))
        with answered("authorizations"):
            said: Any = self._client().eval(TAKE, 1, *given)
        shown, more = Shown(_text(said[0])), _text(said[1]) if len(said) > 1 else ""
        if shown is Shown.TAKEN:
            return Taking(shown, grant=_grant(more))
        return Taking(shown, family_id=more)

    def began(self, code_hash: bytes, family_id: str) -> bool:
        """Note which session began of a code; True where it was shown again meanwhile."""
        with answered("authorizations"):
            return bool(self._client().eval(BEGAN, 1, CODE + code_hash.hex(), family_id))


def _waiting(kept: Any, now: datetime) -> AuthorizationRequest | None:  # noqa: ANN401 - what Redis answers
    if kept is None:
        return None
    found = _read(AuthorizationRequest, kept, moment="asked_at", lists=("scopes", "prompt"))
    request = AuthorizationRequest(**found)
    return request if now - request.asked_at < LIFE else None


def _grant(kept: str) -> CodeGrant:
    lists = ("scopes", "methods")
    return CodeGrant(**_read(CodeGrant, kept, moment="authenticated_at", lists=lists))


def _read(kind: type, kept: bytes | str, *, moment: str, lists: tuple[str, ...]) -> dict[str, Any]:
    """Return what JSON says of a value; what an older instance wrote beside it is passed over."""
    said = orjson.loads(kept)
    found = {each.name: said[each.name] for each in fields(kind) if each.name in said}
    found |= {name: tuple(found[name]) for name in lists}
    return found | {moment: datetime.fromisoformat(found[moment])}


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _length(time: timedelta) -> int:
    return round(time.total_seconds() * 1000)


def _text(answer: bytes | str) -> str:
    return answer.decode() if isinstance(answer, bytes) else answer
