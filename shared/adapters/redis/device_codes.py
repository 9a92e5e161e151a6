"""Codes of devices that wait to be let in, for all instances.

====================================  ============================================================
``auth:device:{sha256}``              hash: who asks for what, how it stands, when next to poll; the
                                      key is the digest of the device's own code
``auth:usercode:{code}``              digest under which the device waits that shows the code
``auth:usercode_fail:{user}``         wrong codes of a user
====================================  ============================================================

A code is good for as long as the clock says; keys stay twice as long, so that a device is told that
its code has expired and not that it never was.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.identity.device import (
    INTERVAL,
    LIFE,
    SLOWER,
    WRONG_CODES,
    WRONG_CODES_WINDOW,
    Approval,
    CodeDecidedError,
    CodeExpiredError,
    CodeUnknownError,
    Polled,
    Stage,
    Started,
)
from shared.kernel.errors import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis

DEVICE = "auth:device:"
USER_CODE = "auth:usercode:"
WRONG = "auth:usercode_fail:"
KEPT_MS = round(2 * LIFE.total_seconds() * 1000)
JITTER_MS = 500
"""How much before its time a poll may arrive: the way here is not always equally long."""
POLL = Path(__file__).with_name("device_poll.lua").read_text(encoding="utf-8")
DECIDE = Path(__file__).with_name("device_decide.lua").read_text(encoding="utf-8")


class RedisDeviceCodes:
    """`shared.identity.device.DeviceCodes`.

    Every call raises `UnavailableError` where Redis does not answer.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def start(self, device_hash: bytes, user_code: str, wish: Started) -> bool:
        """Keep a code; False where the user code is taken. Two round trips."""
        digest = device_hash.hex()
        if not self._run(lambda c: c.set(USER_CODE + user_code, digest, nx=True, px=KEPT_MS)):
            return False
        now = _milliseconds(wish.requested_at)
        kept: dict[str, str | int] = {
            "client_id": wish.client_id,
            "scopes": " ".join(wish.scopes),
            "requested_at": now,
            "expires_at": now + round(LIFE.total_seconds() * 1000),
            "device_name": wish.device_name,
            "network": wish.network,
            "status": "pending",
            "interval": round(INTERVAL.total_seconds() * 1000),
            "next_at": 0,
        }
        self._run(lambda client: _keep(client, DEVICE + digest, kept))
        return True

    def poll(self, device_hash: bytes, client_id: str, now: datetime) -> Polled:
        """Return how it stands; what was approved is used up by that, and found once."""
        slower = round(SLOWER.total_seconds() * 1000)
        given = (DEVICE + device_hash.hex(), client_id, _milliseconds(now), JITTER_MS, slower)
        stage, *more = self._run(lambda client: client.eval(POLL, 1, *given))
        found = [_text(each) for each in more]
        if not found:
            return Polled(Stage(_text(stage)), client_id)
        return Polled(Stage.APPROVED, client_id, found[1], found[2], _approval(found[0]))

    def find(self, user_code: str, now: datetime) -> Started:
        """Return what waits for a decision."""
        kept = self._run(lambda client: client.hgetall(self._key(client, user_code)))
        found = {_text(name): _text(value) for name, value in kept.items()}
        if not found:
            raise _refusal("unknown")
        if _milliseconds(now) >= int(found["expires_at"]):
            raise _refusal("expired")
        if found["status"] != "pending":
            raise _refusal(found["status"])
        return Started(
            client_id=found["client_id"],
            scopes=tuple(found["scopes"].split()),
            requested_at=datetime.fromtimestamp(int(found["requested_at"]) / 1000, UTC),
            device_name=found["device_name"],
            network=found["network"],
        )

    def decide(self, user_code: str, approval: Approval | None, now: datetime) -> None:
        """Approve, or deny where there is no approval."""
        said = "" if approval is None else orjson.dumps(approval).decode()
        status = "denied" if approval is None else "approved"
        given = (_milliseconds(now), status, said)
        before = _text(
            self._run(lambda client: client.eval(DECIDE, 1, self._key(client, user_code), *given))
        )
        if before != "pending":
            raise _refusal(before)

    def count_wrong(self, user_id: str) -> None:
        """Count a code that was wrong."""
        window = round(WRONG_CODES_WINDOW.total_seconds() * 1000)
        self._run(lambda client: _count(client, WRONG + user_id, window))

    def check_tries(self, user_id: str) -> None:
        """Let a user enter a code, or raise `ExhaustedError`."""
        wrong, left = self._run(lambda client: _counted(client, WRONG + user_id))
        if wrong is not None and int(wrong) >= WRONG_CODES:
            message = "too many wrong codes; ask the device for another one later"
            raise ExhaustedError(message, retry_after_seconds=max(1, int(left) / 1000))

    @staticmethod
    def _key(client: Redis, user_code: str) -> str:
        return DEVICE + _text(client.get(USER_CODE + user_code) or "none")

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        with answered("devices"):
            return command(self._client())


def _keep(client: Redis, key: str, kept: Mapping[Any, Any]) -> None:
    with client.pipeline(transaction=True) as both:
        both.hset(key, mapping=kept)
        both.pexpire(key, KEPT_MS)
        both.execute()


def _count(client: Redis, key: str, window: int) -> None:
    with client.pipeline(transaction=True) as both:
        both.set(key, 0, nx=True, px=window)
        both.incr(key)
        both.execute()


def _counted(client: Redis, key: str) -> Any:  # noqa: ANN401 - what Redis answers
    with client.pipeline(transaction=True) as both:
        both.get(key)
        both.pttl(key)
        return both.execute()


def _approval(said: str) -> Approval:
    found = orjson.loads(said)
    return Approval(
        user_id=found["user_id"],
        scopes=tuple(found["scopes"]),
        methods=tuple(found["methods"]),
        authenticated_at=datetime.fromisoformat(found["authenticated_at"]),
        profile_id=found.get("profile_id", ""),
    )


def _refusal(status: str) -> Exception:
    if status == "unknown":
        return CodeUnknownError("no device waits for this code")
    if status == "expired":
        return CodeExpiredError("the code has expired; the device shows another one")
    return CodeDecidedError("somebody has decided about this code already")


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _text(answered: bytes | str) -> str:
    return answered.decode() if isinstance(answered, bytes) else answered
