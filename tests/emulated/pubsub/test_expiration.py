"""A subscription that nobody uses is deleted when its expiration policy says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.emulated.pubsub.test_delivery import raw_stream

if TYPE_CHECKING:
    from tests.emulated.pubsub.conftest import Lab

pytestmark = pytest.mark.ours("turns the clock")

DAY = 86400
IN_A_DAY = {"ttl": {"seconds": DAY}}


async def there(lab: Lab) -> bool:
    """Whether the subscription is still listed."""
    await asyncio.sleep(0.05)
    found = await asyncio.to_thread(lab.subscriber.list_subscriptions, project=lab.parent)
    return lab.subscription in {each.name for each in found}


async def test_subscription_expires_when_nobody_came_for_its_time_to_live(lab: Lab) -> None:
    await lab.setup(expiration_policy=IN_A_DAY)
    lab.clock.freeze()
    await lab.publish("Heat")

    lab.clock.advance(DAY - 1)
    before = await there(lab)
    lab.clock.advance(1)

    assert before
    assert not await there(lab)


async def test_every_pull_and_answer_begins_the_time_to_live_anew(lab: Lab) -> None:
    await lab.setup(expiration_policy=IN_A_DAY)
    await lab.publish("Heat")

    lab.clock.advance(DAY - 60)
    [heat] = await lab.pull()
    lab.clock.advance(DAY - 60)
    await lab.acknowledge(heat)
    lab.clock.advance(DAY - 60)
    kept = await there(lab)
    lab.clock.advance(60)

    assert kept
    assert not await there(lab)


async def test_subscription_with_an_open_stream_does_not_expire(lab: Lab) -> None:
    await lab.setup(expiration_policy=IN_A_DAY)
    await lab.publish("Heat")
    stream = raw_stream(lab, asyncio.Queue())
    await anext(stream)

    for _ in range(3):
        lab.clock.advance(DAY)
        assert await there(lab)
    await stream.aclose()
    await asyncio.sleep(0.1)
    lab.clock.advance(DAY)

    assert not await there(lab)


@pytest.mark.parametrize(("policy", "kept"), [({}, True), (None, False)])
async def test_policy_without_time_to_live_is_never_and_no_policy_is_a_month(
    lab: Lab, policy: dict[str, str] | None, kept: bool
) -> None:
    await lab.setup(**({} if policy is None else {"expiration_policy": policy}))

    lab.clock.advance(30 * DAY)
    early = await there(lab)
    lab.clock.advance(2 * DAY)

    assert early
    assert await there(lab) is kept


async def test_update_of_the_policy_counts_from_the_update(lab: Lab) -> None:
    await lab.setup(expiration_policy={})
    lab.clock.advance(40 * DAY)
    changed = {"name": lab.subscription, "expiration_policy": IN_A_DAY}
    masked = {"subscription": changed, "update_mask": {"paths": ["expiration_policy"]}}

    await asyncio.to_thread(lab.subscriber.update_subscription, request=masked)
    lab.clock.advance(DAY - 60)
    early = await there(lab)
    lab.clock.advance(60)

    assert early
    assert not await there(lab)
