"""IAM policies are stored by resource, and replaced only by those who know the last one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions

from tests.emulated.pubsub.test_replay import snapshot
from tests.emulated.pubsub.test_resources import request
from tests.emulated.pubsub.test_schemas import TITLE, create

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


VIEWER = {"role": "roles/pubsub.viewer", "members": ["user:a@example.com"]}


async def get(lab: Lab, resource: str = "") -> Proto:
    wanted = {"resource": resource or lab.topic}
    return await asyncio.to_thread(lab.publisher.get_iam_policy, request=wanted)


async def put(lab: Lab, resource: str = "", **policy: Proto) -> Proto:
    wanted = {"resource": resource or lab.topic, "policy": policy}
    return await asyncio.to_thread(lab.publisher.set_iam_policy, request=wanted)


@pytest.mark.differs("has no policies")
async def test_every_kind_of_resource_keeps_its_own_policy(lab: Lab) -> None:
    await lab.setup()
    await snapshot(lab)
    await create(lab, TITLE)
    resources = (lab.topic, lab.subscription, lab.snapshot, lab.schema)

    for place, resource in enumerate(resources):
        await put(lab, resource, bindings=[{**VIEWER, "members": [f"user:{place}@example.com"]}])

    for place, resource in enumerate(resources):
        [binding] = (await get(lab, resource)).bindings
        assert list(binding.members) == [f"user:{place}@example.com"]
    asked = {"resource": lab.subscription}
    found = await asyncio.to_thread(lab.subscriber.get_iam_policy, request=asked)
    assert found == await get(lab, lab.subscription)


@pytest.mark.differs("has no policies")
async def test_policy_changes_only_with_the_etag_of_the_last(lab: Lab) -> None:
    await lab.setup()
    first = await get(lab)
    second = await put(lab, bindings=[VIEWER], etag=first.etag)

    with pytest.raises(exceptions.Aborted, match="concurrent policy changes"):
        await put(lab, bindings=[], etag=first.etag)
    third = await put(lab, bindings=[], etag=second.etag)

    assert (await get(lab)).etag == third.etag
    assert len({first.etag, second.etag, third.etag}) == 3


@pytest.mark.differs("has no policies")
@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"version": 2}, "version"),
        ({"bindings": [{"role": "viewer", "members": ["user:a@example.com"]}]}, "Role viewer"),
        ({"bindings": [{**VIEWER, "members": ["a@example.com"]}]}, "Member a@example.com"),
        ({"bindings": [{**VIEWER, "condition": {"expression": "true"}}]}, "version 3"),
    ],
)
async def test_policy_that_is_none_is_refused(lab: Lab, policy: Proto, words: str) -> None:
    await lab.setup()

    with pytest.raises(exceptions.InvalidArgument, match=words):
        await put(lab, **policy)
    assert list((await get(lab)).bindings) == []


@pytest.mark.differs("has no policies")
async def test_permissions_are_all_there_for_what_exists(lab: Lab) -> None:
    await lab.setup()
    asked = {"permissions": ["pubsub.topics.publish", "pubsub.topics.get"]}

    found = await request(lab, "POST", f"{lab.topic}:testIamPermissions", asked)
    none = await request(lab, "POST", f"{lab.topic}x:testIamPermissions", asked)
    wrong = await request(
        lab, "POST", f"{lab.topic}:testIamPermissions", {"permissions": ["pubsub.*"]}
    )

    assert found == (200, asked)
    assert none == (200, {})
    assert wrong[0] == 400
    with pytest.raises(exceptions.NotFound, match="resource=lost"):
        await get(lab, lab.name("topics", "lost"))


@pytest.mark.differs("has no policies")
async def test_resource_of_a_used_name_begins_without_policy(lab: Lab) -> None:
    await lab.setup()
    await put(lab, bindings=[VIEWER])

    await asyncio.to_thread(lab.publisher.delete_topic, topic=lab.topic)
    await asyncio.to_thread(lab.publisher.create_topic, name=lab.topic)

    assert list((await get(lab)).bindings) == []


@pytest.mark.ours("begins again with its journal")
async def test_policies_outlive_the_process(start: Callable[..., Any], tmp_path: Path) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await before.setup()
    stored = await put(before, bindings=[VIEWER])

    after: Lab = await start(journal=tmp_path / "emulators.sqlite")

    assert await get(after) == stored
