"""Runs a definition: steps in order, jumps, calls, and the limits of spec §7.

After a step of main that reaches outside, and before one when something changed since, the machine
reports a `Checkpoint`; an execution that was cut off goes on there. What a step of main had done
within itself by then is done again: progress inside it is at-least-once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.workflows.effects import reaches_outside
from emulators.workflows.errors import Frame, WorkflowError, limit_error, type_error
from emulators.workflows.host import Host
from emulators.workflows.loops import run_for
from emulators.workflows.operators import truth
from emulators.workflows.parallel import run_parallel
from emulators.workflows.place import Place
from emulators.workflows.recovery import run_try
from emulators.workflows.scope import Memory, Scope
from emulators.workflows.signals import Finished, Jump, Signal
from emulators.workflows.syntax import (
    Assign,
    Block,
    Call,
    Definition,
    For,
    Parallel,
    Raise,
    Return,
    Routine,
    Step,
    Steps,
    Switch,
    Target,
    Try,
)
from emulators.workflows.values import Value, checked_string, updated

MAX_STEPS = 100_000
LONGEST_SECONDS = 366 * 24 * 3600
STEPS_PER_TURN = 50  # then other tasks of the process have their turn


@dataclass(frozen=True)
class Checkpoint:
    """Where main goes on, with its variables; ``steps`` counts those run so far."""

    position: int
    variables: Mapping[str, Value] = field(default_factory=dict)
    steps: int = 0


Save = Callable[[Checkpoint], Awaitable[None]]


async def save_nothing(_: Checkpoint) -> None:
    """Forget a checkpoint."""


class Machine:
    """Runs one execution of a definition."""

    def __init__(self, definition: Definition, host: Host, save: Save = save_nothing) -> None:
        self.routines = definition.routines
        self.host = host
        self._save = save
        self._memory = Memory()
        self._steps = 0
        self._deadline = host.clock.now() + LONGEST_SECONDS

    async def run(self, argument: Value, resume: Checkpoint | None = None) -> Value:
        """Return the result of main; with ``resume`` main goes on there.

        Raises:
            WorkflowError: what main did not catch.
        """
        main = self.routines["main"]
        start = resume or Checkpoint(0, {p.name: argument for p in main.parameters[:1]})
        self._steps = start.steps
        scope = self.scope()
        for name, value in start.variables.items():
            scope.declare(name, value)
        return _result(await self._main(main, Place(self, main, scope), start.position))

    def scope(self) -> Scope:
        """Return a scope of a routine: it sees no other."""
        return Scope(self._memory)

    async def routine(self, place: Place) -> Value:
        """Run a subworkflow whose parameters are in scope, and return its value."""
        return _result(await self.block(place.routine.body, place))

    async def block(self, block: Block, place: Place) -> Signal:
        """Run a list of steps; a jump that leaves it is handed outward."""
        position = 0
        while position < len(block.steps):
            signal = await self.step(block.steps[position], place)
            following = _following(block, position, signal)
            if following is None:
                return signal
            position = following
        return None

    async def step(self, step: Step, place: Place) -> Signal:
        """Run one step and say where it goes; None is to the next in its list."""
        await self._count()
        try:
            signal = await self._act(step, place)
        except RecursionError as error:
            raise limit_error("a value is nested too deeply") from error
        except WorkflowError as error:
            error.passed(Frame(step.name, place.routine.name))
            raise
        return signal or (Jump(step.next) if step.next else None)

    async def _main(self, main: Routine, place: Place, position: int) -> Signal:
        block, changed = main.body, position == 0
        while position < len(block.steps):
            step = block.steps[position]
            outside = reaches_outside(step, self.routines)
            if outside and changed:
                await self._keep(position, place)
            signal = await self.step(step, place)
            following = _following(block, position, signal)
            if following is None:
                return signal
            position, changed = following, not outside
            if outside:
                await self._keep(position, place)
        return None

    async def _keep(self, position: int, place: Place) -> None:
        await self._save(Checkpoint(position, dict(place.scope.variables), self._steps))

    async def _act(self, step: Step, place: Place) -> Signal:
        if step.action is None:
            return None
        return await ACTIONS[type(step.action)](step.action, place)

    async def _count(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise limit_error(f"the execution ran more than {MAX_STEPS} steps")
        if self._steps % STEPS_PER_TURN == 0:
            await asyncio.sleep(0)
        if self.host.clock.now() > self._deadline:
            raise limit_error("the execution took longer than a year")


def _following(block: Block, position: int, signal: Signal) -> int | None:
    """Return the position that comes next in a list, or None when the signal leaves it."""
    if signal is None:
        return position + 1
    return block.positions.get(signal.target) if isinstance(signal, Jump) else None


def _result(signal: Signal) -> Value:
    return signal.value if isinstance(signal, Finished) else None


async def _assign(action: Assign, place: Place) -> Signal:
    for target, node in action.entries:
        await write(target, await place.evaluate(node), place)
    return None


async def write(target: Target, value: Value, place: Place) -> None:
    """Assign a value to a variable or to a place inside one."""
    if isinstance(value, str):
        checked_string(value)
    path = [await place.evaluate(key) for key in target.path]
    whole = updated(place.scope.read(target.variable), path, value) if path else value
    place.scope.assign(target.variable, whole)


async def _call(action: Call, place: Place) -> Signal:
    arguments = {name: await place.evaluate(node) for name, node in action.arguments}
    host = place.machine.host
    if host.logs_calls:
        host.log(f"calling {action.function}", "INFO")
    try:
        result = await place.call_named(action.function, arguments)
    except WorkflowError as error:
        if host.logs_calls or host.logs_errors:
            host.log(f"{action.function} raised {error.payload!r}", "ERROR")
        raise
    if action.result is not None:
        await write(action.result, result, place)
    return None


async def _switch(action: Switch, place: Place) -> Signal:
    for case in action.cases:
        if truth(await place.evaluate(case.condition), "a condition"):
            return await place.machine.step(case.body, place)
    return None


async def _raise(action: Raise, place: Place) -> Signal:
    payload = await place.evaluate(action.value)
    if not isinstance(payload, str | dict):
        raise type_error("only a string or a map can be raised")
    raise WorkflowError(payload)


async def _return(action: Return, place: Place) -> Signal:
    return Finished(await place.evaluate(action.value))


async def _steps(action: Steps, place: Place) -> Signal:
    return await place.machine.block(action.body, place)


# Each handler takes its own kind of action.
ACTIONS: Mapping[type, Callable[[Any, Place], Awaitable[Signal]]] = {
    Assign: _assign,
    Call: _call,
    Switch: _switch,
    For: run_for,
    Parallel: run_parallel,
    Try: run_try,
    Raise: _raise,
    Return: _return,
    Steps: _steps,
}
