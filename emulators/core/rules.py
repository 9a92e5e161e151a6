"""Rules of faults: what one says, where it can strike, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import grpc

from emulators.core.errors import invalid_argument

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

Action: TypeAlias = Literal[
    "delay", "error", "drop", "duplicate", "reorder", "disconnect", "stale", "crash"
]
Moment: TypeAlias = Literal["before", "after", "before_disk", "after_disk"]
Kind: TypeAlias = Literal["call", "stream", "listen", "delivery", "confirmation", "http"]
"""Of a method: one reply, many, many that can be resumed, a batch of deliveries, the confirmation
of acknowledgements, a plain HTTP answer."""

ACTIONS: Final = get_args(Action)
_CALL = frozenset({"delay", "error", "drop", "duplicate", "reorder", "disconnect", "crash"})
POSSIBLE: Final[Mapping[Kind, frozenset[str]]] = {
    "call": _CALL,
    "stream": _CALL,
    "listen": _CALL | {"stale"},
    "delivery": frozenset({"duplicate", "reorder"}),
    "confirmation": frozenset({"error"}),
    "http": frozenset({"delay", "error", "drop", "crash"}),
}
_ONLY_BY_REPLY = frozenset({"duplicate", "reorder"})
_MOMENTS: Final[Mapping[str, tuple[Moment, ...]]] = {
    "delay": ("before", "after"),
    "error": ("before", "after"),
    "drop": ("after",),
    "disconnect": ("before", "after"),
    "crash": ("before", "before_disk", "after_disk", "after"),
}


@dataclass
class Rule:
    """One fault: where it strikes, what it does, how often.

    Attributes:
        action: ``delay`` waits; ``error`` refuses; ``drop`` loses the reply after the effect;
            ``duplicate`` does a call, or sends what is sent, twice; ``reorder`` lets the next call
            or reply go first, and turns batches of deliveries around; ``disconnect`` closes the
            connection; ``stale`` takes a resume token for an unknown one; ``crash`` ends the
            process as ``kill -9`` does.
        service: Name of the emulator (``pubsub``), or ``*``.
        method: Name of the RPC (``Publish``), or ``*``.
        resource: Full name of a resource in the request, or a pattern with ``*``, ``?`` and
            ``[…]``; a pattern that begins elsewhere than at ``projects/`` is of a name's end.
        at: ``before`` the effect or ``after`` it; a crash also ``before_disk`` and ``after_disk``,
            when the effect is in memory only, and when it is on disk too. Empty: as the action has
            it by itself, mostly before.
        reply: Of a stream: strikes at its n-th reply; 0 at any of its replies.
        nth: Strikes the n-th matching call (or, with ``reply``, reply) only.
        every: Strikes each n-th.
        probability: Chance that a matching call is struck, 0 to 1.
        remaining: How many more calls are struck; None for no end. A crash strikes once.
        seconds: How long a delay waits, of the virtual clock; how long a call that is reordered
            waits for another one, of real time.
        status: Code of an error.
        message: Text of an error.
        unsynced: Of a crash: whether what nobody was told is on disk is ``lost`` or ``kept``.
        seen: How many calls have matched.
        struck: How many of them were struck.
        draws: How often the chance was asked.
    """

    action: Action
    service: str = "*"
    method: str = "*"
    seconds: float = 0.0
    status: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    message: str = "injected fault"
    probability: float = 1.0
    remaining: int | None = None
    struck: int = field(default=0, compare=False)
    resource: str = "*"
    at: Moment | Literal[""] = ""
    reply: int | None = None
    nth: int | None = None
    every: int | None = None
    unsynced: Literal["lost", "kept"] = "lost"
    seen: int = field(default=0, compare=False)
    draws: int = field(default=0, compare=False)

    @property
    def moment(self) -> Moment:
        """When it strikes."""
        return self.at or _MOMENTS.get(self.action, ("before",))[0]

    def matches(self, service: str, method: str, resources: Iterable[str]) -> bool:
        """Whether a call of this service and method, about these resources, may be struck."""
        there = self.service in {"*", service} and self.method in {"*", method}
        return there and self.remaining != 0 and self._names(resources)

    def _names(self, resources: Iterable[str]) -> bool:
        if self.resource == "*":
            return True
        whole = self.resource.startswith(("projects/", "*"))
        pattern = self.resource if whole else f"*/{self.resource}"
        return any(fnmatchcase(name, pattern) for name in resources)

    def falls(self, chance: random.Random) -> bool:
        """Count a matching call, and say whether it is struck."""
        self.seen += 1
        if self.nth is not None and self.seen != self.nth:
            return False
        if self.every is not None and self.seen % self.every:
            return False
        if self.probability < 1:
            self.draws += 1
            if chance.random() >= self.probability:
                return False
        self.struck += 1
        if self.remaining is not None:
            self.remaining -= 1
        return True


def described(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON."""
    told = {f.name: getattr(rule, f.name) for f in fields(rule)}
    return {**told, "status": rule.status.name, "at": rule.moment}


class _Body:
    """The fields of a request, each read once and checked."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def text(self, name: str, default: str) -> str:
        value = self._body.get(name, default)
        if not isinstance(value, str) or not value:
            raise invalid_argument(f"{name}: must be a text, not {value!r}")
        return value

    def choice(self, name: str, choices: Iterable[str], default: str = "") -> Any:  # noqa: ANN401 - one of them
        value = self._body.get(name, default)
        if value not in (allowed := tuple(choices)) and value != default:
            raise invalid_argument(f"{name}: must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def number(self, name: str, least: float, most: float, default: float) -> float:
        value = self._body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid_argument(f"{name}: must be a number, not {value!r}")
        if not least <= value <= most:
            raise invalid_argument(f"{name}: must be from {least:g} to {most:g}, not {value}")
        return float(value)

    def count(self, name: str, least: int) -> int | None:
        value = self._body.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise invalid_argument(f"{name}: must be a whole number from {least}, not {value!r}")
        return value


_ASKED: Final = tuple(f.name for f in fields(Rule) if f.name not in {"struck", "seen", "draws"})
_LONGEST = 366 * 86400.0


def rule_of(body: Mapping[str, Any], known: Mapping[str, Mapping[str, Kind]]) -> Rule:
    """Return the rule a request describes.

    Args:
        body: Fields of `Rule`, those that are not given as they are by default.
        known: Kinds of method by service and method.

    Raises:
        EmulatorError: INVALID_ARGUMENT, beginning with the field that is wrong: it is none, has no
            such value, or names what does not exist or cannot happen there.
    """
    if unknown := sorted(set(body) - set(_ASKED)):
        raise invalid_argument(f"{unknown[0]}: a fault has no such field")
    rule = _read(_Body(body))
    if rule.action == "crash" and "remaining" not in body:
        rule.remaining = 1
    _check_fields(rule, body)
    _check_place(rule, known)
    return rule


def _read(body: _Body) -> Rule:
    action = body.choice("action", ACTIONS)
    if not action:
        raise invalid_argument(f"action: must be one of {', '.join(ACTIONS)}")
    return Rule(
        action,
        body.text("service", "*"),
        body.text("method", "*"),
        seconds=body.number("seconds", 0, _LONGEST, 0),
        status=_status(body.text("status", "UNAVAILABLE")),
        message=body.text("message", "injected fault"),
        probability=body.number("probability", 0, 1, 1),
        remaining=body.count("remaining", 1),
        resource=body.text("resource", "*"),
        at=body.choice("at", _MOMENTS.get(action, ())),
        reply=body.count("reply", 0),
        nth=body.count("nth", 1),
        every=body.count("every", 1),
        unsynced=body.choice("unsynced", ("lost", "kept"), "lost"),
    )


def _status(name: str) -> grpc.StatusCode:
    found = grpc.StatusCode.__members__.get(name.upper())
    if found is None or found is grpc.StatusCode.OK:
        raise invalid_argument(f"status: {name!r} is no gRPC status of an error")
    return found


_BELONGS: Final = {
    "seconds": ("delay", "reorder"),
    "status": ("error",),
    "message": ("error",),
    "unsynced": ("crash",),
    "at": ("delay", "error", "drop", "disconnect", "crash"),
}


def _check_fields(rule: Rule, body: Mapping[str, Any]) -> None:
    for name, actions in _BELONGS.items():
        if name in body and rule.action not in actions:
            raise invalid_argument(f"{name}: says nothing about {rule.action}")
    if rule.action == "delay" and not rule.seconds:
        raise invalid_argument("seconds: a delay needs them")
    if rule.nth is not None and rule.every is not None:
        raise invalid_argument("every: either the nth call is struck, or every so many")
    if rule.reply is not None and rule.at:
        raise invalid_argument("at: with a reply it strikes before that reply is sent")


def _check_place(rule: Rule, known: Mapping[str, Mapping[str, Kind]]) -> None:
    services = known if rule.service == "*" else {rule.service: known.get(rule.service)}
    if services.get(rule.service, {}) is None:
        raise invalid_argument(f"service: there is no {rule.service!r}, but {_list(known)}")
    methods = [(name, kind) for found in services.values() if found for name, kind in found.items()]
    kinds = {kind for name, kind in methods if rule.method in {"*", name}}
    if not kinds:
        raise invalid_argument(f"method: there is no {rule.method!r} of {rule.service}")
    if not any(rule.action in POSSIBLE[kind] for kind in kinds):
        raise invalid_argument(f"action: {rule.action} cannot happen to {rule.method}")
    streams = kinds & {"stream", "listen"}
    if rule.reply is not None and (not streams or rule.action == "stale"):
        raise invalid_argument(f"reply: {rule.method} has no stream of replies to {rule.action}")
    if kinds == streams and rule.action in _ONLY_BY_REPLY and rule.reply is None:
        raise invalid_argument(f"reply: which one of the stream is to {rule.action}?")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
