"""What tokens and sessions cost, each beside the bare operations it cannot do without.

One is measured right after the other, so that a busy machine slows both. PostgreSQL and Redis are
on this machine; sessions are refreshed once each, since one that hurries is told to rest.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import create_engine, text

from emulators.managed.postgres import temporary_postgres
from emulators.managed.redis import temporary_redis
from shared.adapters import connect
from shared.adapters.password_hashing import LANES, MEMORY_KIB, PASSES
from shared.adapters.sql.identity.families import SqlFamilies
from shared.adapters.sql.migrate import upgrade
from shared.identity.families import Family
from shared.identity.scopes import USER_SCOPES
from shared.identity.sessions import Subject
from shared.identity.tokens import digest
from shared.kernel.clock import SystemClock
from shared.runtime import issuing
from tests.fakes.accounts_house import AccountsHouse, CountingHasher, accounts_house
from tests.fakes.identity import ADA
from tests.fakes.identity_house import DEVICE_GRANT, House
from tests.fakes.surroundings import surroundings
from tests.fakes.tokens import signature

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.benchmarks.machine import Row

SESSIONS = 300
LOG_INS = 120
TOKENS = 2000
WARM_UP = 20
GOAL = "goal p95 < 50 ms"
LOOK_UP_GOAL = "goal < 5 ms"


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    logging.getLogger().setLevel(logging.WARNING)
    with (
        temporary_postgres() as postgres,
        postgres.database() as url,
        temporary_redis() as redis,
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        surroundings(url, Path(folder), patch),
    ):
        engine = create_engine(url)
        upgrade(engine)
        engine.dispose()
        with accounts_house(patch, redis.url, Path(folder) / "mail") as accounts:
            return asyncio.run(_rows(accounts))


async def _rows(accounts: AccountsHouse) -> list[Row]:
    house = accounts.identity
    sessions = [house.start() for _ in range(SESSIONS)]
    families = SqlFamilies()
    looked = [
        _turn(lambda t=tokens: families.show(digest(t.refresh_token)), _ask_sql)  # type: ignore[misc]
        for tokens in sessions
    ]
    refreshed = [await _waited(house.refresh(t.refresh_token), _ask_sql) for t in sessions]
    polled = [
        await _waited(house.post("/auth/token", **form), connect.redis().ping)
        for form in await _devices(house)
    ]
    return [
        *_issued(),
        _row(f"look a family up ({LOOK_UP_GOAL})", looked, "one SELECT 1"),
        _row(f"refresh a session, whole request ({GOAL})", refreshed, "one SELECT 1"),
        _row(f"poll a device's code, whole request ({GOAL})", polled, "one PING"),
        *await _logged_in(accounts),
    ]


class TimedHasher(CountingHasher):
    """Hashes as an installation does, and knows how long comparing took."""

    def __init__(self) -> None:
        super().__init__(memory_kib=MEMORY_KIB, passes=PASSES)
        self.seconds = 0.0

    def verify(self, kept: str | None, password: str) -> bool:
        """Take the time of a comparison."""
        began = perf_counter()
        found = super().verify(kept, password)
        self.seconds += perf_counter() - began
        return found


async def _logged_in(accounts: AccountsHouse) -> list[Row]:
    hasher = TimedHasher()
    accounts.use(hasher)
    await accounts.member()
    turns, hashes = [], []
    for _ in range(LOG_INS):
        hasher.seconds = 0.0
        whole, bare = await _waited(accounts.log_in(), _ask_sql)
        turns.append((whole - hasher.seconds, bare))
        hashes.append(hasher.seconds)
    hash_seconds = float(np.mean(hashes[WARM_UP:]))
    seconds = float(np.mean([turn[0] for turn in turns[WARM_UP:]])) + hash_seconds
    argon2 = f"Argon2id of {MEMORY_KIB} KiB, t = {PASSES}, p = {LANES}"
    return [
        _row(f"log in, whole request without the hash ({GOAL})", turns, "one SELECT 1"),
        ("log in, one after another", f"{1 / seconds:.0f}/s", f"{argon2} {1 / hash_seconds:.0f}/s"),
    ]


async def _devices(house: House) -> list[dict[str, str]]:
    """Let televisions ask; returns the form with which each polls."""
    begun = [await house.post("/auth/device", client_id="mg-tv") for _ in range(SESSIONS)]
    form = {"grant_type": DEVICE_GRANT, "client_id": "mg-tv"}
    return [{**form, "device_code": answer.json["device_code"]} for answer in begun]


def _issued() -> list[Row]:
    issuer, keys, bare_key = issuing.issuer(), issuing.keys(), OKPKey.generate_key("Ed25519")
    now, methods = SystemClock().now(), ("pwd",)
    family = Family(Subject(ADA, region="DE"), ADA, "mg-web", ADA, USER_SCOPES, methods, now)
    message = b"x" * len(issuer.access_token(family, USER_SCOPES))
    turns = [
        _turn(
            lambda: issuer.access_token(family, USER_SCOPES), lambda: signature(bare_key, message)
        )
        for _ in range(TOKENS)
    ]
    ours, bare = (float(np.median(part)) for part in np.array(turns).T * 1e6)
    what = f"issue an {keys.algorithm} token of {len(message)} B"
    return [(what, f"{ours:.1f} us, {ours / bare:.2f}×", f"sign {bare:.1f} us")]


def _ask_sql() -> None:
    with connect.reads().connect() as connection:
        connection.execute(text("SELECT 1"))


def _turn(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    began = perf_counter()
    ours()
    done = perf_counter()
    bare()
    return done - began, perf_counter() - done


async def _waited(ours: Awaitable[Any], bare: Callable[[], object]) -> tuple[float, float]:
    began = perf_counter()
    answer = await ours
    done = perf_counter()
    assert answer.status in {200, 400}, answer.body
    bare()
    return done - began, perf_counter() - done


def _row(what: str, turns: list[tuple[float, float]], name: str) -> Row:
    ours, bare = np.array(turns[WARM_UP:]).T * 1e3
    p50, p95 = np.percentile(ours, [50, 95])
    plain = float(np.median(bare))
    figure = f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, {p50 / plain:.1f}×"
    return what, figure, f"{name} {plain:.2f} ms"
