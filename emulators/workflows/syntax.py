"""A parsed definition: routines, steps and expressions, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from emulators.workflows.values import Value

# Expressions. A field with `${...}` leaves in nested lists and maps is a `Node` too.


@dataclass(frozen=True)
class Literal:
    """A value known before running."""

    value: Value


@dataclass(frozen=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Member:
    """``base.name`` or ``base[key]``; ``dotted`` is the whole text when all of it is names."""

    base: "Node"
    key: "Node"
    dotted: str | None = None


@dataclass(frozen=True)
class Unary:
    """``-x`` or ``not x``."""

    operator: str
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    """Arithmetic, comparison and membership."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Logical:
    """``and`` and ``or``, which may stop at their left side."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Invoke:
    """A function called by position."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class ListNode:
    """A list of which some member needs evaluation."""

    items: tuple["Node", ...]


@dataclass(frozen=True)
class MapNode:
    """A map of which some key or value needs evaluation."""

    entries: tuple[tuple["Node", "Node"], ...]


Node: TypeAlias = Literal | Name | Member | Unary | Binary | Logical | Invoke | ListNode | MapNode

# Steps.


@dataclass(frozen=True)
class Target:
    """Where an assignment writes: a variable, or a place inside it."""

    variable: str
    path: tuple[Node, ...]


@dataclass(frozen=True)
class Assign:
    """Assignments, done in order."""

    entries: tuple[tuple[Target, Node], ...]


@dataclass(frozen=True)
class Call:
    """A call of a subworkflow, library function or connector with named arguments."""

    function: str
    arguments: tuple[tuple[str, Node], ...]
    result: Target | None


@dataclass(frozen=True)
class Case:
    """One branch of a switch; its body carries the branch's own ``next``."""

    condition: Node
    body: "Step"


@dataclass(frozen=True)
class Switch:
    """The first case whose condition is true runs."""

    cases: tuple[Case, ...]


@dataclass(frozen=True)
class For:
    """A loop over a list, or over a range with both ends included."""

    value: str
    index: str | None
    items: Node
    is_range: bool
    body: "Block"


@dataclass(frozen=True)
class Branch:
    """One named branch of a parallel step."""

    name: str
    body: "Block"


@dataclass(frozen=True)
class Parallel:
    """Branches or iterations that run at the same time."""

    work: tuple[Branch, ...] | For
    shared: frozenset[str]
    limit: Node


@dataclass(frozen=True)
class Except:
    """The handler of a try step."""

    variable: str | None
    body: "Block"


@dataclass(frozen=True)
class Try:
    """A body with a retry policy, a handler, or both."""

    body: "Step"
    retry: Node | None
    handler: Except | None


@dataclass(frozen=True)
class Raise:
    """Fail with a value."""

    value: Node


@dataclass(frozen=True)
class Return:
    """End the routine with a value."""

    value: Node


@dataclass(frozen=True)
class Steps:
    """A group of steps."""

    body: "Block"


Action: TypeAlias = Assign | Call | Switch | For | Parallel | Try | Raise | Return | Steps


@dataclass(frozen=True)
class Step:
    """What one step does, and where it goes then; a body without a name bears its step's."""

    name: str
    action: Action | None
    next: str | None


@dataclass(frozen=True)
class Block:
    """A list of steps and the position of each name in it."""

    steps: tuple[Step, ...]
    positions: Mapping[str, int]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a routine; ``default`` is None where an argument is required."""

    name: str
    default: Literal | None


@dataclass(frozen=True)
class Routine:
    """``main`` or a subworkflow."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Block


@dataclass(frozen=True)
class Definition:
    """A workflow that can run."""

    routines: Mapping[str, Routine]
    warnings: tuple[str, ...] = ()
