"""What goes wrong: before a workflow runs (`DefinitionError`), or while (`WorkflowError`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.workflows.values import Value

# An interpreter error carries its kind beside its own tag (spec §6).
FAMILIES = {
    "KeyError": ["KeyError", "LookupError"],
    "IndexError": ["IndexError", "LookupError"],
    "ZeroDivisionError": ["ZeroDivisionError", "ArithmeticError"],
    "UnhandledBranchError": ["UnhandledBranchError", "RuntimeError"],
    "RecursionError": ["RecursionError", "RuntimeError"],
    "ParallelNestingError": ["ParallelNestingError", "RuntimeError"],
}


class DefinitionError(Exception):
    """A definition that cannot be deployed; the message says where and why."""


@dataclass(frozen=True)
class Frame:
    """One step that was running when an error passed through."""

    step: str
    routine: str


class WorkflowError(Exception):
    """A value raised inside an execution; ``payload`` is what ``except: {as: e}`` sees."""

    def __init__(self, payload: "Value") -> None:
        super().__init__(payload)
        self.payload = payload
        self.frames: list[Frame] = []

    def passed(self, frame: Frame) -> None:
        """Note that the error left this step, innermost first."""
        if not self.frames or self.frames[-1] != frame:
            self.frames.append(frame)


def failure(tag: str, message: str, **fields: "Value") -> WorkflowError:
    """Return an error of the interpreter or its library, with the tags workflows test for."""
    tags: Sequence[str] = FAMILIES.get(tag, [tag])
    return WorkflowError({"message": message, "tags": list(tags), **fields})


def key_error(message: str) -> WorkflowError:
    """Return the error of a key or variable that does not exist."""
    return failure("KeyError", message)


def index_error(message: str) -> WorkflowError:
    """Return the error of a list position that does not exist."""
    return failure("IndexError", message)


def type_error(message: str) -> WorkflowError:
    """Return the error of a value of the wrong type."""
    return failure("TypeError", message)


def value_error(message: str) -> WorkflowError:
    """Return the error of a value of the right type that cannot be used."""
    return failure("ValueError", message)


def limit_error(message: str) -> WorkflowError:
    """Return the error of an exceeded limit of spec §7."""
    return failure("ResourceLimitError", message)
