"""Which steps reach outside the execution, so that doing them twice could be seen."""

from collections.abc import Mapping

from emulators.workflows.stdlib import FUNCTIONS
from emulators.workflows.syntax import Call, Routine, Step
from emulators.workflows.walk import expressions_of, invocations, steps_within


def reaches_outside(step: Step, routines: Mapping[str, Routine]) -> bool:
    """Tell whether a step, or one inside it, calls more than pure functions.

    A subworkflow is taken to reach outside without looking into it.
    """
    return any(_calls_out(inner, routines) for inner in steps_within(step))


def _calls_out(step: Step, routines: Mapping[str, Routine]) -> bool:
    if isinstance(step.action, Call):
        found = FUNCTIONS.get(step.action.function)
        if found is None or found.kind == "waiting":
            return True
    calls = (call for node in expressions_of(step) for call in invocations(node))
    return any(call.function in routines for call in calls)
