"""Deploy-time checks that need the whole definition (spec §9): jumps, functions and sharing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from emulators.workflows.catalog import knows_service
from emulators.workflows.errors import DefinitionError
from emulators.workflows.signals import BREAK, CONTINUE, END, RESERVED
from emulators.workflows.stdlib import FUNCTIONS
from emulators.workflows.syntax import (
    Assign,
    Block,
    Call,
    Definition,
    For,
    Invoke,
    Parallel,
    Return,
    Routine,
    Step,
    Try,
)
from emulators.workflows.walk import blocks_of, bodies_of, expressions_of, invocations

CONNECTOR = "googleapis."


def check(definition: Definition) -> tuple[str, ...]:
    """Return warnings about a definition.

    Raises:
        DefinitionError: it cannot be deployed.
    """
    warnings: list[str] = []
    for routine in definition.routines.values():
        try:
            _Checker(definition.routines, warnings).routine(routine)
        except DefinitionError as error:
            raise DefinitionError(f'in routine "{routine.name}": {error}') from error
    return tuple(warnings)


@dataclass(frozen=True)
class _Surroundings:
    """What a step may refer to.

    Attributes:
        targets: Steps a jump may go to.
        in_branch: Inside a parallel step of this routine.
        known: Variables assigned before, outside the innermost parallel step.
        shared: Of those, what the parallel step shares. None outside of one.
    """

    targets: frozenset[str] = frozenset({END})
    in_branch: bool = False
    known: frozenset[str] = frozenset()
    shared: frozenset[str] | None = None


class _Checker:
    """Checks one routine, collecting the variables assigned so far in reading order."""

    def __init__(self, routines: Mapping[str, Routine], warnings: list[str]) -> None:
        self._routines = routines
        self._warnings = warnings
        self._assigned: set[str] = set()

    def routine(self, routine: Routine) -> None:
        self._assigned = {parameter.name for parameter in routine.parameters}
        self._block(routine.body, _Surroundings())

    def _block(self, block: Block, around: _Surroundings) -> None:
        inner = replace(around, targets=around.targets | block.positions.keys())
        for step in block.steps:
            if step.name in RESERVED:
                raise DefinitionError(f"{step.name!r} cannot be the name of a step")
            try:
                self._step(step, inner)
            except DefinitionError as error:
                raise DefinitionError(f'in step "{step.name}": {error}') from error

    def _step(self, step: Step, around: _Surroundings) -> None:
        if step.next is not None and step.next not in around.targets:
            raise DefinitionError(f"next: {step.next!r} cannot be reached from here")
        if isinstance(step.action, Return) and around.in_branch:
            raise DefinitionError("return is not allowed inside a parallel step")
        for node in expressions_of(step):
            for call in invocations(node):
                self._invocation(call)
        if isinstance(step.action, Call):
            self._call(step.action)
        for name in _assigned_by(step):
            self._assign(name, around)
        self._inside(step, around)

    def _inside(self, step: Step, around: _Surroundings) -> None:
        if isinstance(step.action, Parallel):
            self._parallel(step.action, around)
            return
        if isinstance(step.action, For):
            around = replace(around, targets=around.targets | {BREAK, CONTINUE})
        for body in bodies_of(step):
            self._step(body, around)
        for block in blocks_of(step):
            self._block(block, _local(step, around))

    def _parallel(self, action: Parallel, around: _Surroundings) -> None:
        missing = sorted(action.shared - self._assigned)
        if missing:
            raise DefinitionError(f"the shared variable {missing[0]!r} is not assigned before")
        # Jumps cannot leave a branch; an iteration can be cut short.
        inner = _Surroundings(
            frozenset({CONTINUE}) if isinstance(action.work, For) else frozenset(),
            in_branch=True,
            known=frozenset(self._assigned) - _loop_names(action.work),
            shared=self._shareable(action, around),
        )
        self._branches(action, inner)

    def _shareable(self, action: Parallel, around: _Surroundings) -> frozenset[str]:
        """Return what an inner parallel step really shares: an outer fence holds inside it too."""
        if around.shared is None:
            return action.shared
        return action.shared & (around.shared | (self._assigned - around.known))

    def _branches(self, action: Parallel, inner: _Surroundings) -> None:
        work, before = action.work, set(self._assigned)
        bodies = [work.body] if isinstance(work, For) else [branch.body for branch in work]
        for body in bodies:
            # What a branch assigns first is its own: the next one does not see it.
            self._assigned = set(before)
            self._block(body, inner)
        self._assigned = before

    def _assign(self, name: str, around: _Surroundings) -> None:
        if around.shared is not None and name in around.known and name not in around.shared:
            raise DefinitionError(
                f"variable {name!r} is assigned in a parallel step but not shared"
            )
        self._assigned.add(name)

    def _invocation(self, call: Invoke) -> None:
        if call.function in self._routines:
            routine = self._routines[call.function]
            required = sum(parameter.default is None for parameter in routine.parameters)
            _arity(call, required, len(routine.parameters))
            return
        found = FUNCTIONS.get(call.function)
        if found is None and not call.function.startswith(CONNECTOR):
            raise DefinitionError(f"unknown function {call.function!r}")
        if found is None or found.kind == "waiting":
            raise DefinitionError(f"{call.function} waits: use a call step, not an expression")
        _arity(call, len(found.required), len(found.parameters))

    def _call(self, call: Call) -> None:
        given = {name for name, _ in call.arguments}
        if call.function in self._routines:
            parameters = self._routines[call.function].parameters
            required = {p.name for p in parameters if p.default is None}
            _names(call.function, given, {p.name for p in parameters}, required)
        elif call.function in FUNCTIONS:
            found = FUNCTIONS[call.function]
            _names(call.function, given, set(found.parameters), set(found.required))
        elif not call.function.startswith(CONNECTOR):
            raise DefinitionError(f"unknown function {call.function!r}")
        elif not knows_service(call.function):
            self._warnings.append(f"the connector {call.function} is not supported here")


def _local(step: Step, around: _Surroundings) -> _Surroundings:
    """Forget that names made by this step itself were outer ones: they hide those."""
    own = frozenset(_declared_by(step))
    return replace(around, known=around.known - own) if own else around


def _loop_names(work: object) -> frozenset[str]:
    names = (work.value, work.index) if isinstance(work, For) else ()
    return frozenset(name for name in names if name)


def _declared_by(step: Step) -> Iterator[str]:
    action = step.action
    if isinstance(action, For):
        yield from _loop_names(action)
    elif isinstance(action, Try) and action.handler and action.handler.variable:
        yield action.handler.variable


def _assigned_by(step: Step) -> Iterator[str]:
    if isinstance(step.action, Assign):
        yield from (target.variable for target, _ in step.action.entries)
    elif isinstance(step.action, Call) and step.action.result is not None:
        yield step.action.result.variable


def _arity(call: Invoke, least: int, most: int) -> None:
    if not least <= len(call.arguments) <= most:
        raise DefinitionError(
            f"{call.function} takes {least} to {most} arguments, not {len(call.arguments)}"
        )


def _names(function: str, given: set[str], known: set[str], required: set[str]) -> None:
    if given - known:
        raise DefinitionError(f"{function} has no argument {min(given - known)!r}")
    if required - given:
        raise DefinitionError(f"{function} needs the argument {min(required - given)!r}")
