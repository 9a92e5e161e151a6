"""``for`` steps; the iterations of a parallel ``for`` come from here too."""

from collections.abc import Iterable

from emulators.workflows.errors import type_error
from emulators.workflows.operators import binary
from emulators.workflows.place import Place
from emulators.workflows.scope import Scope
from emulators.workflows.signals import BREAK, CONTINUE, Jump, Signal
from emulators.workflows.syntax import For
from emulators.workflows.values import Value, is_number, type_name

RANGE_ENDS = 2


async def run_for(action: For, place: Place) -> Signal:
    """Run the body once per value, each time with fresh local variables."""
    for index, value in enumerate(await iterations(action, place)):
        scope = place.scope.child()
        try:
            declare(action, scope, index, value)
            signal = await place.machine.block(action.body, place.inside(scope))
        finally:
            scope.close()
        if signal == Jump(BREAK):
            return None
        if signal is not None and signal != Jump(CONTINUE):
            return signal
    return None


async def iterations(action: For, place: Place) -> Iterable[Value]:
    """Return what a loop runs over.

    Raises:
        WorkflowError: TypeError when it is no list, or the range is no two numbers.
    """
    items = await place.evaluate(action.items)
    if not isinstance(items, list):
        raise type_error(f"for needs a list, not {type_name(items)}")
    return _range(items) if action.is_range else items


def declare(action: For, scope: Scope, index: int, value: Value) -> None:
    """Make the variables of one iteration."""
    scope.declare(action.value, value)
    if action.index is not None:
        scope.declare(action.index, index)


def _range(ends: list[Value]) -> Iterable[Value]:
    if len(ends) != RANGE_ENDS or not all(map(is_number, ends)):
        raise type_error("range needs two numbers")
    value, last = ends
    while binary("<=", value, last):
        yield value
        value = binary("+", value, 1)
