"""Where library functions are declared: their name, parameters and what they may do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from emulators.workflows.errors import key_error, type_error
from emulators.workflows.values import Function, Value, member

# pure: of its arguments only. ambient: reads time or environment. waiting: not in expressions.
Kind = Literal["pure", "ambient", "waiting"]
Implementation = Callable[..., Any]
Declared = TypeVar("Declared", bound=Implementation)


@dataclass(frozen=True)
class LibraryFunction:
    """One function: ``run`` takes the arguments in order, after the host unless it is pure."""

    name: str
    kind: Kind
    parameters: tuple[str, ...]
    defaults: Mapping[str, Value]
    run: Implementation

    @property
    def required(self) -> list[str]:
        """Names of parameters without a default."""
        return [name for name in self.parameters if name not in self.defaults]


FUNCTIONS: dict[str, LibraryFunction] = {}
CONSTANTS: dict[str, Value] = {}


def function(
    name: str, *required: str, kind: Kind = "pure", **defaults: Value
) -> Callable[[Declared], Declared]:
    """Register the decorated function under its name in workflows."""

    def register(run: Declared) -> Declared:
        parameters = (*required, *defaults)
        FUNCTIONS[name] = LibraryFunction(name, kind, parameters, defaults, run)
        return run

    return register


def bind(found: LibraryFunction, arguments: Sequence[Value] | Mapping[str, Value]) -> list[Value]:
    """Return the arguments in the order of the parameters, with defaults filled in.

    Raises:
        WorkflowError: TypeError for unknown, missing or too many arguments.
    """
    if not isinstance(arguments, Mapping):
        if len(arguments) > len(found.parameters):
            raise type_error(f"{found.name} takes {len(found.parameters)} arguments at most")
        arguments = dict(zip(found.parameters, arguments, strict=False))
    unknown = sorted(arguments.keys() - set(found.parameters))
    missing = [name for name in found.required if name not in arguments]
    if unknown or missing:
        problem = (
            f"no argument {unknown[0]!r}" if unknown else f"argument {missing[0]!r} is missing"
        )
        raise type_error(f"{found.name}: {problem}")
    return [arguments.get(name, found.defaults.get(name)) for name in found.parameters]


def named(dotted: str) -> Value:
    """Return the function or constant of a dotted name, or a member of such a constant.

    Raises:
        WorkflowError: KeyError when there is none.
    """
    if dotted in FUNCTIONS:
        return Function(dotted)
    if dotted in CONSTANTS:
        return CONSTANTS[dotted]
    owner, _, key = dotted.rpartition(".")
    if not owner:
        raise key_error(f"variable not found: {dotted}")
    return member(named(owner), key)


def text_of(value: Value, name: str) -> str:
    """Return an argument that must be a string."""
    if isinstance(value, str):
        return value
    raise type_error(f"{name} must be a string")


def bytes_of(value: Value, name: str) -> bytes:
    """Return an argument that must be bytes."""
    if isinstance(value, bytes):
        return value
    raise type_error(f"{name} must be bytes")


def integer_of(value: Value, name: str) -> int:
    """Return an argument that must be an integer."""
    if type(value) is int:
        return value
    raise type_error(f"{name} must be an integer")


def number_of(value: Value, name: str) -> int | float:
    """Return an argument that must be an integer or a double."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise type_error(f"{name} must be a number")


def boolean_of(value: Value, name: str) -> bool:
    """Return an argument that must be a boolean."""
    if isinstance(value, bool):
        return value
    raise type_error(f"{name} must be a boolean")


def list_of(value: Value, name: str) -> list[Value]:
    """Return an argument that must be a list."""
    if isinstance(value, list):
        return value
    raise type_error(f"{name} must be a list")


def map_of(value: Value, name: str) -> dict[str, Value]:
    """Return an argument that must be a map."""
    if isinstance(value, dict):
        return value
    raise type_error(f"{name} must be a map")
