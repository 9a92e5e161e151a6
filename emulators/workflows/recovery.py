"""``try`` steps: retry with back-off, then the handler."""

from collections.abc import Mapping
from dataclasses import dataclass

from emulators.workflows.errors import WorkflowError, type_error, value_error
from emulators.workflows.operators import truth
from emulators.workflows.place import Place
from emulators.workflows.signals import Signal
from emulators.workflows.syntax import Except, Try
from emulators.workflows.values import Function, Value, is_number

# What a policy leaves out is taken from here (open in the reference).
DEFAULTS = {"initial_delay": 1.0, "max_delay": 60.0, "multiplier": 1.25}
DEFAULT_RETRIES = 5


@dataclass(frozen=True)
class Policy:
    """When to try again; delays are in seconds."""

    predicate: Function
    max_retries: int
    initial_delay: float
    max_delay: float
    multiplier: float

    def delay(self, attempt: int) -> float:
        """Return the wait before retry number ``attempt``, counted from 0."""
        try:
            return min(self.initial_delay * self.multiplier**attempt, self.max_delay)
        except OverflowError:
            return self.max_delay


async def run_try(action: Try, place: Place) -> Signal:
    """Run the body; on an error ask the retry policy, then the handler, else pass it on."""
    attempt = 0
    while True:
        try:
            return await place.machine.step(action.body, place)
        except WorkflowError as error:
            caught = error
        if not await _waited(action, place, caught, attempt):
            break
        attempt += 1
    if action.handler is None:
        raise caught
    return await _handle(action.handler, caught, place)


async def _waited(action: Try, place: Place, error: WorkflowError, attempt: int) -> bool:
    """Wait for the next attempt and return True, or False when there is none."""
    if action.retry is None:
        return False
    policy = _policy(await place.evaluate(action.retry))
    if attempt >= policy.max_retries:
        return False
    answer = await place.call(policy.predicate.name, [error.payload])
    if not truth(answer, "a retry predicate's result"):
        return False
    await place.machine.host.clock.sleep(policy.delay(attempt))
    return True


async def _handle(handler: Except, error: WorkflowError, place: Place) -> Signal:
    scope = place.scope.child()
    if handler.variable is not None:
        scope.declare(handler.variable, error.payload)
    try:
        return await place.machine.block(handler.body, place.inside(scope))
    finally:
        scope.close()


def _policy(value: Value) -> Policy:
    if not isinstance(value, dict):
        raise type_error("a retry policy must be a map")
    # Without a predicate every error is tried again (open in the reference).
    predicate = value.get("predicate", Function("retry.always"))
    if not isinstance(predicate, Function):
        raise type_error("a retry predicate must be a function")
    retries = value.get("max_retries", DEFAULT_RETRIES)
    if type(retries) is not int:
        raise type_error("max_retries must be an integer")
    backoff = value.get("backoff") or {}
    if not isinstance(backoff, dict):
        raise type_error("backoff must be a map")
    return Policy(predicate, retries, **{name: _delay(backoff, name) for name in DEFAULTS})


def _delay(backoff: Mapping[str, Value], name: str) -> float:
    value = backoff.get(name, DEFAULTS[name])
    if not (is_number(value) and isinstance(value, int | float)):
        raise type_error(f"{name} must be a number")
    if value < 0:
        raise value_error(f"{name} must not be negative")
    return float(value)
