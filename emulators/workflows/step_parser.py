"""Parses steps, each kind from its own keys (spec §1 and §4)."""

from collections.abc import Callable, Mapping, Sequence

from emulators.workflows.errors import DefinitionError
from emulators.workflows.expressions import parse_target, parse_template
from emulators.workflows.syntax import (
    Action,
    Assign,
    Block,
    Branch,
    Call,
    Case,
    Except,
    For,
    ListNode,
    Literal,
    Node,
    Parallel,
    Raise,
    Return,
    Step,
    Steps,
    Switch,
    Try,
)
from emulators.workflows.values import Value

Fields = Mapping[str, Value]

MAX_ASSIGNMENTS = 50
MAX_CONDITIONS = 50
MAX_BRANCHES = 10
MIN_BRANCHES = 2
MAX_STEPS = 100_000
MAX_NESTING = 40  # of steps inside steps: bounds the interpreter's own stack
RANGE_ENDS = 2
COMPANIONS = {
    "assign": {"next"},
    "call": {"args", "result", "next"},
    "switch": {"next"},
    "for": {"next"},
    "parallel": {"next"},
    "try": {"retry", "except", "next"},
    "raise": set[str](),
    "return": set[str](),
    "steps": {"next"},
}


def require_map(value: Value, what: str) -> Fields:
    """Return a map that must be one."""
    if not isinstance(value, dict):
        raise DefinitionError(f"{what} must be a map")
    return value


def require_list(value: Value, what: str, most: int, least: int = 1) -> Sequence[Value]:
    """Return a list that must be one, of a length in the given range."""
    if not isinstance(value, list):
        raise DefinitionError(f"{what} must be a list")
    if not least <= len(value) <= most:
        raise DefinitionError(f"{what} must have {least} to {most} entries, not {len(value)}")
    return value


def only_keys(fields: Fields, allowed: set[str]) -> Fields:
    """Return fields after refusing unknown ones."""
    unknown = sorted(fields.keys() - allowed)
    if unknown:
        raise DefinitionError(f"unknown key {unknown[0]!r}")
    return fields


def require_name(value: Value, what: str) -> str:
    """Return the name of a variable or step."""
    if not isinstance(value, str) or not value:
        raise DefinitionError(f"{what} must be a name")
    return value


def variable_name(value: Value, what: str) -> str:
    """Return the name of a variable without members."""
    name = require_name(value, what)
    if parse_target(name).path:
        raise DefinitionError(f"{what} must be a plain variable, not {name!r}")
    return name


class StepParser:
    """Parses the steps of one routine."""

    def __init__(self, warnings: list[str]) -> None:
        self._warnings = warnings
        self._names: set[str] = set()
        self._depth = 0
        self._kinds: Mapping[str, Callable[[str, Fields], Action]] = {
            "assign": self._assign,
            "call": self._call,
            "switch": self._switch,
            "for": lambda _, fields: self._for(fields["for"]),
            "parallel": lambda _, fields: self._parallel(fields["parallel"]),
            "try": self._try,
            "raise": lambda _, fields: Raise(parse_template(fields["raise"])),
            "return": lambda _, fields: Return(parse_template(fields["return"])),
            "steps": lambda _, fields: Steps(self.block(fields["steps"])),
        }

    def block(self, value: Value) -> Block:
        """Return a list of at least one step."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise DefinitionError(f"steps are nested deeper than {MAX_NESTING}")
        steps = tuple(self._named(item) for item in require_list(value, "steps", MAX_STEPS))
        self._depth -= 1
        # Of two steps with one name the first is the target of jumps.
        positions = {step.name: place for place, step in reversed(list(enumerate(steps)))}
        return Block(steps, positions)

    def _named(self, item: Value) -> Step:
        if not isinstance(item, dict) or len(item) != 1:
            raise DefinitionError("a step is a map with one key, its name")
        [(name, body)] = item.items()
        if name in self._names:
            self._warnings.append(f"the step name {name!r} occurs twice in one routine")
        self._names.add(name)
        try:
            return self.body(name, require_map(body, "a step's body"))
        except DefinitionError as error:
            raise DefinitionError(f'in step "{name}": {error}') from error

    def body(self, name: str, fields: Fields) -> Step:
        """Return a step from what it does; also the body of a switch case or of a try."""
        kinds = [kind for kind in COMPANIONS if kind in fields]
        if len(kinds) > 1:
            raise DefinitionError(f"{kinds[0]!r} and {kinds[1]!r} cannot stand in one step")
        only_keys(fields, {*kinds, *(COMPANIONS[kinds[0]] if kinds else {"next"})})
        target = require_name(fields["next"], "next") if "next" in fields else None
        if not kinds and target is None:
            raise DefinitionError("a step must do something")
        return Step(name, self._kinds[kinds[0]](name, fields) if kinds else None, target)

    def _assign(self, _: str, fields: Fields) -> Action:
        entries = require_list(fields["assign"], "assign", MAX_ASSIGNMENTS)
        pairs = []
        for entry in entries:
            if not isinstance(entry, dict) or len(entry) != 1:
                raise DefinitionError("an assignment is a map with one key")
            [(target, value)] = entry.items()
            pairs.append((parse_target(target), parse_template(value)))
        return Assign(tuple(pairs))

    def _call(self, _: str, fields: Fields) -> Action:
        arguments = require_map(fields.get("args") or {}, "args")
        result = fields.get("result")
        return Call(
            require_name(fields["call"], "call"),
            tuple((name, parse_template(value)) for name, value in arguments.items()),
            None if result is None else parse_target(require_name(result, "result")),
        )

    def _switch(self, name: str, fields: Fields) -> Action:
        entries = require_list(fields["switch"], "switch", MAX_CONDITIONS)
        return Switch(tuple(self._case(name, require_map(entry, "a case")) for entry in entries))

    def _case(self, name: str, fields: Fields) -> Case:
        if "condition" not in fields:
            raise DefinitionError("a case of a switch needs a condition")
        rest = {key: value for key, value in fields.items() if key != "condition"}
        return Case(parse_template(fields["condition"]), self.body(name, rest))

    def _for(self, value: Value) -> For:
        fields = only_keys(require_map(value, "for"), {"value", "index", "in", "range", "steps"})
        if ("in" in fields) == ("range" in fields):
            raise DefinitionError("for needs either 'in' or 'range'")
        is_range = "range" in fields
        if is_range and "index" in fields:
            raise DefinitionError("index goes with 'in' only")
        return For(
            variable_name(fields.get("value"), "value"),
            variable_name(fields["index"], "index") if "index" in fields else None,
            _range(fields["range"]) if is_range else parse_template(fields["in"]),
            is_range,
            self.block(fields.get("steps")),
        )

    def _parallel(self, value: Value) -> Action:
        known = {"branches", "for", "shared", "concurrency_limit", "exception_policy"}
        fields = only_keys(require_map(value, "parallel"), known)
        if ("branches" in fields) == ("for" in fields):
            raise DefinitionError("parallel needs either 'branches' or 'for'")
        if fields.get("exception_policy", "continueAll") != "continueAll":
            raise DefinitionError("the only exception_policy is continueAll")
        shared = require_list(fields.get("shared") or [], "shared", MAX_STEPS, 0)
        work = (
            self._branches(fields["branches"]) if "branches" in fields else self._for(fields["for"])
        )
        return Parallel(
            work,
            frozenset(variable_name(name, "a shared variable") for name in shared),
            parse_template(fields.get("concurrency_limit")),
        )

    def _branches(self, value: Value) -> tuple[Branch, ...]:
        entries = require_list(value, "branches", MAX_BRANCHES, MIN_BRANCHES)
        branches = tuple(self._branch(entry) for entry in entries)
        if len({branch.name for branch in branches}) < len(branches):
            raise DefinitionError("two branches have one name")
        return branches

    def _branch(self, entry: Value) -> Branch:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise DefinitionError("a branch is a map with one key, its name")
        [(name, body)] = entry.items()
        fields = only_keys(require_map(body, f"branch {name!r}"), {"steps"})
        return Branch(name, self.block(fields.get("steps")))

    def _try(self, name: str, fields: Fields) -> Action:
        body = fields["try"]
        # The published schema allows a bare list of steps as well.
        inner = Step(name, Steps(self.block(body)), None) if isinstance(body, list) else None
        return Try(
            inner or self.body(name, require_map(body, "try")),
            _retry(fields["retry"]) if "retry" in fields else None,
            self._except(fields["except"]) if "except" in fields else None,
        )

    def _except(self, value: Value) -> Except:
        fields = only_keys(require_map(value, "except"), {"as", "steps"})
        variable = variable_name(fields["as"], "as") if "as" in fields else None
        return Except(variable, self.block(fields.get("steps")))


def _range(value: Value) -> Node:
    ends = parse_template(value)
    if isinstance(ends, Literal):
        require_list(ends.value, "range", RANGE_ENDS, RANGE_ENDS)
    if isinstance(ends, ListNode) and len(ends.items) != RANGE_ENDS:
        raise DefinitionError("range must have two ends")
    return ends


def _retry(value: Value) -> Node:
    if isinstance(value, dict):
        only_keys(value, {"predicate", "max_retries", "backoff"})
        backoff = value.get("backoff")
        if isinstance(backoff, dict):
            only_keys(backoff, {"initial_delay", "max_delay", "multiplier"})
    return parse_template(value)
