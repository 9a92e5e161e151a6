"""Where an execution stands: the routine, scope and depth a step runs in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emulators.workflows.errors import failure, type_error
from emulators.workflows.evaluate import evaluate
from emulators.workflows.scope import Scope
from emulators.workflows.stdlib import FUNCTIONS, LibraryFunction, bind, named
from emulators.workflows.syntax import Node, Routine
from emulators.workflows.values import Function, Value

if TYPE_CHECKING:
    from emulators.workflows.engine import Machine

MAX_CALLS = 20


@dataclass(frozen=True)
class Place:
    """The surroundings of a step; also what names outside its scope mean (`Functions`)."""

    machine: "Machine"
    routine: Routine
    scope: Scope
    calls: int = 0
    parallels: int = 0

    def inside(self, scope: Scope, parallels: int | None = None) -> "Place":
        """Return the same place with another scope."""
        return replace(
            self, scope=scope, parallels=self.parallels if parallels is None else parallels
        )

    async def evaluate(self, node: Node) -> Value:
        """Return the value of an expression here."""
        return await evaluate(node, self.scope, self)

    def named(self, dotted: str) -> Value:
        """Return a subworkflow, library function or constant as a value."""
        return Function(dotted) if dotted in self.machine.routines else named(dotted)

    async def call(self, function: str, arguments: Sequence[Value]) -> Value:
        """Call a function from an expression, by position."""
        if function in self.machine.routines:
            routine = self.machine.routines[function]
            return await self._enter(routine, _by_position(routine, arguments))
        found = FUNCTIONS.get(function)
        if found is None or found.kind == "waiting":
            raise type_error(f"{function} cannot be called in an expression")
        return await self._library(found, bind(found, arguments))

    async def call_named(self, function: str, arguments: Mapping[str, Value]) -> Value:
        """Call a function from a call step, by name; connectors too."""
        if function in self.machine.routines:
            routine = self.machine.routines[function]
            return await self._enter(routine, arguments)
        if function in FUNCTIONS:
            return await self._library(FUNCTIONS[function], bind(FUNCTIONS[function], arguments))
        return await self.machine.host.connectors.call(function, arguments)

    async def _library(self, found: LibraryFunction, arguments: Sequence[Value]) -> Value:
        if found.kind == "pure":
            result: Value = found.run(*arguments)
        elif found.kind == "ambient":
            result = found.run(self.machine.host, *arguments)
        else:
            result = await found.run(self.machine.host, *arguments)
        return result

    async def _enter(self, routine: Routine, arguments: Mapping[str, Value]) -> Value:
        if self.calls >= MAX_CALLS:
            raise failure("RecursionError", f"the call stack is deeper than {MAX_CALLS}")
        scope = self.machine.scope()
        inner = Place(self.machine, routine, scope, self.calls + 1, self.parallels)
        try:
            for name, value in _completed(routine, arguments).items():
                scope.declare(name, value)
            # A task of its own starts with an empty Python stack, so that depth here is bounded.
            return await asyncio.create_task(self.machine.routine(inner))
        finally:
            scope.close()


def _by_position(routine: Routine, arguments: Sequence[Value]) -> Mapping[str, Value]:
    if len(arguments) > len(routine.parameters):
        raise type_error(f"{routine.name} takes {len(routine.parameters)} arguments at most")
    names = (parameter.name for parameter in routine.parameters)
    return dict(zip(names, arguments, strict=False))


def _completed(routine: Routine, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return an argument for every parameter, defaults filled in."""
    defaults = {p.name: p.default.value for p in routine.parameters if p.default is not None}
    complete = {**defaults, **arguments}
    for parameter in routine.parameters:
        if parameter.name not in complete:
            raise type_error(f"{routine.name}: argument {parameter.name!r} is missing")
    unknown = complete.keys() - {parameter.name for parameter in routine.parameters}
    if unknown:
        raise type_error(f"{routine.name}: no argument {min(unknown)!r}")
    return complete
