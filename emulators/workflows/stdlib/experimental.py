"""``experimental.executions``: child workflows, one or many."""

import asyncio

from emulators.workflows.host import Host
from emulators.workflows.stdlib.registry import function, list_of
from emulators.workflows.values import Value

AT_ONCE = 20


@function(
    "experimental.executions.run",
    "workflow_id",
    kind="waiting",
    project_id=None,
    location=None,
    argument=None,
)
async def run(host: Host, workflow_id: Value, *rest: Value) -> Value:
    """Run a workflow and return its result."""
    project, location, argument = rest
    return await host.children.run(_address(workflow_id, project, location), argument)


@function(
    "experimental.executions.map",
    "workflow_id",
    "arguments",
    kind="waiting",
    project_id=None,
    location=None,
)
async def run_map(host: Host, workflow_id: Value, arguments: Value, *rest: Value) -> Value:
    """Run a workflow once for each argument and return the results in that order."""
    address = _address(workflow_id, *rest)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(argument: Value) -> Value:
        async with gate:
            return await host.children.run(address, argument)

    each = list_of(arguments, "experimental.executions.map: arguments")
    return list(await asyncio.gather(*(one(argument) for argument in each)))


def _address(workflow: Value, project: Value, location: Value) -> dict[str, Value]:
    return {"workflow_id": workflow, "project_id": project, "location": location}
