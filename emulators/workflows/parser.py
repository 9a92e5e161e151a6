"""From a definition's document to its syntax: form, limits and expressions.

What needs the whole definition (jumps, functions, sharing) is in `emulators.workflows.checks`.
"""

from emulators.workflows.checks import check
from emulators.workflows.document import load_document
from emulators.workflows.errors import DefinitionError
from emulators.workflows.expressions import parse_template
from emulators.workflows.step_parser import StepParser, only_keys, require_map
from emulators.workflows.syntax import Definition, Literal, Parameter, Routine
from emulators.workflows.values import Value

MAX_PARAMETERS = 10


def parse_definition(source: str) -> Definition:
    """Return a definition that may be deployed.

    Raises:
        DefinitionError: the first fault found, with its routine and step.
    """
    document = load_document(source)
    routines = document
    if isinstance(document, list):
        routines = {"main": {"steps": document}}
    if not isinstance(routines, dict) or "main" not in routines:
        raise DefinitionError("a definition is a list of steps or a map of routines with 'main'")
    warnings: list[str] = []
    parsed = {name: _routine(name, body, warnings) for name, body in routines.items()}
    definition = Definition(parsed, tuple(warnings))
    return Definition(parsed, (*warnings, *check(definition)))


def _routine(name: str, body: Value, warnings: list[str]) -> Routine:
    try:
        fields = only_keys(require_map(body, "a routine"), {"params", "steps"})
        parameters = _parameters(name, fields.get("params"))
        return Routine(name, parameters, StepParser(warnings).block(fields.get("steps")))
    except DefinitionError as error:
        raise DefinitionError(f'in routine "{name}": {error}') from error


def _parameters(routine: str, value: Value) -> tuple[Parameter, ...]:
    if not isinstance(value, list | None):
        raise DefinitionError("params must be a list")
    found = tuple(_parameter(item) for item in value or [])
    limit = 1 if routine == "main" else MAX_PARAMETERS
    if len(found) > limit:
        raise DefinitionError(f"{len(found)} parameters are more than {limit}")
    if len({parameter.name for parameter in found}) < len(found):
        raise DefinitionError("a parameter occurs twice")
    return found


def _parameter(item: Value) -> Parameter:
    if isinstance(item, dict) and len(item) == 1:
        [(name, value)] = item.items()
        default = parse_template(value)
        if not isinstance(default, Literal):
            raise DefinitionError(f"the default of parameter {name!r} must be a constant")
        return Parameter(name, default)
    if isinstance(item, str) and item.isidentifier():
        return Parameter(item, None)
    raise DefinitionError(f"{item!r} is not a parameter")
