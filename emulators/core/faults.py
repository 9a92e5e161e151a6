"""Faults on purpose: rules that delay, refuse or lose calls of emulated services."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import grpc

from emulators.core.errors import EmulatorError

if TYPE_CHECKING:
    from emulators.core.clock import Clock

Action = Literal["delay", "error", "drop", "duplicate", "reorder"]


@dataclass
class Rule:
    """One fault: where it strikes, what it does, how often.

    Attributes:
        action: ``delay`` waits before the call; ``error`` refuses it before it has an effect;
            ``drop`` loses the reply after it had its effect; ``duplicate`` and ``reorder`` are
            for deliveries.
        service: Name of the emulator (``pubsub``), or ``*``.
        method: Name of the RPC (``Publish``), or ``*``.
        seconds: How long a delay waits, of the virtual clock.
        status: Code of an error.
        message: Text of an error.
        probability: Chance that a matching call is struck, 0 to 1.
        remaining: How many more calls are struck; None for no end.
        struck: How many calls have been.
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

    def matches(self, service: str, method: str) -> bool:
        """Whether a call of this service and method may be struck."""
        there = self.service in {"*", service} and self.method in {"*", method}
        return there and self.remaining != 0


class Faults:
    """The rules in force; every emulator asks before and after each call.

    Args:
        clock: What delays are measured with.
        seed: Makes probabilities repeatable.
    """

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self._clock = clock
        # Not for secrets: a repeatable sequence is the point.
        self._random = random.Random(seed)  # noqa: S311
        self._rules: dict[int, Rule] = {}
        self._next = 1

    def add(self, rule: Rule) -> int:
        """Put a rule in force and return its id."""
        number, self._next = self._next, self._next + 1
        self._rules[number] = rule
        return number

    def remove(self, number: int) -> bool:
        """Lift one rule; False when there is none of this id."""
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """Lift every rule."""
        self._rules.clear()

    def rules(self) -> dict[int, Rule]:
        """Return the rules in force by id."""
        return dict(self._rules)

    async def before(self, service: str, method: str) -> None:
        """Apply delays and errors to a call about to happen.

        Raises:
            EmulatorError: A rule refuses the call.
        """
        if not self._rules:
            return
        for rule in self._striking("delay", service, method):
            await self._clock.sleep(rule.seconds)
        for rule in self._striking("error", service, method):
            raise EmulatorError(rule.status, rule.message)

    async def after(self, service: str, method: str) -> None:
        """Lose the reply of a call that has happened.

        Raises:
            EmulatorError: UNAVAILABLE, when a rule drops the reply.
        """
        if self._rules and self.strikes("drop", service, method):
            raise EmulatorError(grpc.StatusCode.UNAVAILABLE, "injected fault: the reply was lost")

    def strikes(self, action: Action, service: str, method: str) -> bool:
        """Whether a rule of this action strikes now; counts as struck when it does."""
        return bool(self._rules) and bool(self._striking(action, service, method))

    def _striking(self, action: Action, service: str, method: str) -> list[Rule]:
        candidates = (r for r in self._rules.values() if r.action == action)
        struck = [r for r in candidates if r.matches(service, method) and self._falls(r)]
        for rule in struck:
            rule.struck += 1
            if rule.remaining is not None:
                rule.remaining -= 1
        return struck

    def _falls(self, rule: Rule) -> bool:
        return rule.probability >= 1 or self._random.random() < rule.probability
