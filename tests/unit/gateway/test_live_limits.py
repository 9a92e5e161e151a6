"""Limits that change while the gateway runs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.limits import Limits, standard_tables
from shared.gateway.live_limits import EVERY_SECONDS, Changes, LiveLimits
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from shared.gateway.ports import Quota


class Kept:
    """Where changes are kept, or not to be had."""

    def __init__(self) -> None:
        self.said: bytes | None = None
        self.gone, self.reads = False, 0

    async def read(self) -> bytes | None:
        """Return what was said."""
        self.reads += 1
        if self.gone:
            raise UnavailableError("redis does not answer")
        return self.said

    def say(self, **changes: Any) -> None:  # noqa: ANN401 - JSON
        """Change something."""
        self.said = json.dumps(changes).encode()


class Live:
    """Limits whose clock the test moves."""

    def __init__(self) -> None:
        self.kept, self.now = Kept(), 0.0
        self.limits = LiveLimits(self.kept, factor=1.0, seconds=lambda: self.now)

    async def after(self, seconds: float) -> dict[str, Quota]:
        """Return the quotas of a free user's search, asked once before and once later on."""
        self.now += seconds
        self.limits.quotas_for("user:ada", "free", "search")
        if self.limits._renewing is not None:
            await self.limits._renewing
        await asyncio.sleep(0)
        return {q.name: q for q in self.limits.quotas_for("user:ada", "free", "search")}


async def test_a_change_holds_half_a_minute_later_without_a_restart() -> None:
    live = Live()
    shipped = await live.after(0)
    live.kept.say(tiers={"free": {"minute": 7}}, classes={"search": {"limit": 30, "burst": 3}})
    assert await live.after(EVERY_SECONDS - 1) == shipped

    found = await live.after(1)

    assert found["minute"].limit == 7
    assert (found["search"].limit, found["search"].burst) == (30, 3)
    assert found["hour"] == shipped["hour"]


async def test_what_is_taken_back_is_as_it_was_shipped() -> None:
    live = Live()
    shipped = await live.after(0)
    live.kept.say(tiers={"free": {"minute": 7}})
    assert await live.after(EVERY_SECONDS) != shipped
    live.kept.said = None

    assert await live.after(EVERY_SECONDS) == shipped


@pytest.mark.parametrize(
    "said",
    [
        b"not JSON",
        b'{"tiers": {"pro": {"minute": 7}}}',
        b'{"tiers": {"free": {"minute": 0}}}',
        b'{"tiers": {"free": {"minuet": 7}}}',
        b'{"classes": {"serach": {"limit": 7}}}',
        b'{"classes": {"search": {"limit": "7"}}}',
    ],
)
async def test_what_cannot_be_understood_changes_nothing_and_is_told_once(
    said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live()
    live.kept.say(tiers={"free": {"minute": 7}})
    before = await live.after(0)
    live.kept.said = said

    assert [await live.after(EVERY_SECONDS) for _ in range(3)] == [before] * 3
    assert [r.message for r in caplog.records if r.levelname == "WARNING"] == [
        "limits.not_acceptable"
    ]


async def test_while_changes_cannot_be_read_the_last_ones_hold() -> None:
    live = Live()
    live.kept.say(tiers={"free": {"minute": 7}})
    before = await live.after(0)
    live.kept.gone = True

    assert await live.after(EVERY_SECONDS) == before
    assert await live.after(EVERY_SECONDS) == before


async def test_requests_at_once_look_changes_up_once() -> None:
    live = Live()
    for _ in range(50):
        live.limits.quotas_for("user:ada", "free", "search")
    await live.after(0)
    assert live.kept.reads == 1


@given(st.dictionaries(st.sampled_from(["second", "minute", "hour", "day"]), st.integers(1, 10**6)))
def test_only_what_is_named_changes(row: dict[str, int]) -> None:
    tables = standard_tables()

    changed = Changes.model_validate({"tiers": {"premium": row}}).of(tables)

    assert changed["tiers"]["premium"] == {**tables["tiers"]["premium"], **row}
    assert changed["classes"] == tables["classes"]
    assert {q.name: q.limit for q in Limits(changed).quotas_for("u", "premium", None)} == {
        name: changed["tiers"]["premium"][name] for name in ("second", "minute", "hour", "day")
    }
