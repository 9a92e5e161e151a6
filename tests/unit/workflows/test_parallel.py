"""Parallel steps: sharing, limits, failures (spec §4)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from emulators.core.clock import VirtualClock
from emulators.workflows.errors import WorkflowError
from emulators.workflows.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.workflows.values import Value
    from tests.unit.workflows.conftest import Lab


async def test_branches_write_shared_variables(lab: Lab) -> None:
    source = """
- start: {assign: [{a: 0}, {b: 0}]}
- both:
    parallel:
      shared: [a, b]
      branches:
      - left: {steps: [{l: {assign: [{a: 1}, {own: 1}]}}]}
      - right: {steps: [{r: {assign: [{b: 2}, {own: 2}]}}]}
- end_it: {return: '${[a, b]}'}
"""

    assert await lab.run(source) == [1, 2]


async def test_iterations_add_up_in_a_shared_variable(lab: Lab) -> None:
    source = """
- start: {assign: [{total: 0}]}
- each:
    parallel:
      shared: [total]
      concurrency_limit: '${1 + 2}'
      for:
        value: v
        range: [1, 100]
        steps:
        - skip: {switch: [{condition: '${v % 2 == 0}', next: continue}]}
        - add: {assign: [{total: '${total + v}'}]}
- end_it: {return: '${total}'}
"""

    assert await lab.run(source) == 2500


async def test_the_others_finish_before_the_step_fails(lab: Lab) -> None:
    source = """
- start: {assign: [{done: []}]}
- each:
    try:
      parallel:
        shared: [done]
        for:
          value: v
          in: [0, 1, 2]
          steps:
          - fail: {switch: [{condition: '${v == 1}', raise: {code: 7}}]}
          - note: {assign: [{done: '${list.concat(done, v)}'}]}
    except:
      as: e
      steps: [{told: {return: {e: '${e}', done: '${done}'}}}]
"""

    result = await lab.run(source)

    assert result["done"] == [0, 2]
    assert "UnhandledBranchError" in result["e"]["tags"]
    assert result["e"]["truncated"] is False
    assert result["e"]["branches"] == [
        {"id": "1", "error": {"context": 'in step "fail", routine "main"', "payload": '{"code":7}'}}
    ]


async def test_a_third_level_is_refused_while_running(lab: Lab) -> None:
    source = """
main: {steps: [{p: {parallel: {for: {value: v, in: [1], steps: [{c: {call: inner}}]}}}}]}
inner: {steps: [{p: {parallel: {for: {value: v, in: [1], steps: [{c: {call: deepest}}]}}}}]}
deepest: {steps: [{p: {parallel: {for: {value: v, in: [1], steps: [{c: {next: continue}}]}}}}]}
"""

    with pytest.raises(WorkflowError) as caught:
        await lab.run(source)

    assert "ParallelNestingError" in str(caught.value.payload)


class Counting:
    """Counts how many calls are under way at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def call(self, _name: str, _arguments: Mapping[str, Value]) -> Value:
        """Take a few turns of the event loop."""
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(3):
            await asyncio.sleep(0)
        self.now -= 1
        return None


@pytest.mark.parametrize(("limit", "most"), [("null", 20), ("3", 3), ("50", 20)])
async def test_no_more_run_at_once_than_the_limit(lab: Lab, limit: str, most: int) -> None:
    counting: Any = Counting()
    lab.host = Host(**{**vars(lab.host), "connectors": counting, "clock": VirtualClock()})

    await lab.run(
        f"- p: {{parallel: {{concurrency_limit: {limit}, for: {{value: v, range: [1, 60], "
        "steps: [{c: {call: googleapis.pubsub.v1.projects.topics.publish}}]}}}"
    )

    assert counting.most == most
