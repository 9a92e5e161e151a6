"""Faults on purpose: rules that delay, refuse, lose, repeat or turn around what services do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
from typing import TYPE_CHECKING, Any

import grpc

from emulators.core.errors import EmulatorError
from emulators.core.rules import Action, Kind, Moment, Rule, described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal

__all__ = ["Action", "DisconnectedError", "Faults", "Rule"]

SPACE = "core.fault"
_SOON_SECONDS = 1.0


class DisconnectedError(EmulatorError):
    """A rule closes the connection that a call came on."""

    def __init__(self) -> None:
        super().__init__(grpc.StatusCode.UNAVAILABLE, "injected fault: the connection was closed")


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Faults:
    """The rules in force; every emulator asks before and after each call.

    Args:
        clock: What delays are measured with.
        seed: Makes probabilities repeatable, each rule's by itself.
        journal: Holds rules over the crashes they cause; without one nothing can crash.
        die: Ends the process at once.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        *,
        journal: Journal | None = None,
        die: Callable[[], None] = _kill,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._die = die
        self.seed = seed
        self._rules: dict[int, Rule] = {}
        self._chances: dict[int, random.Random] = {}
        self._next = 1
        self._waiting: dict[int, asyncio.Event] = {}
        self._known: dict[str, dict[str, Kind]] = {}
        self._restore()

    @property
    def active(self) -> bool:
        """Whether any rule is in force."""
        return bool(self._rules)

    def know(self, service: str, methods: Mapping[str, Kind]) -> None:
        """Let rules name these methods of a service."""
        self._known.setdefault(service, {}).update(methods)

    @property
    def known(self) -> Mapping[str, Mapping[str, Kind]]:
        """Kinds of method by service and method: what rules can name."""
        return self._known

    def add(self, rule: Rule) -> int:
        """Put a rule in force and return its id."""
        number, self._next = self._next, self._next + 1
        self._place(number, rule)
        return number

    def _place(self, number: int, rule: Rule) -> None:
        self._rules[number] = rule
        # Not for secrets: a repeatable sequence is the point.
        chance = self._chances[number] = random.Random(f"{self.seed}/{number}")  # noqa: S311
        for _ in range(rule.draws):
            chance.random()

    def remove(self, number: int) -> bool:
        """Lift one rule; False when there is none of this id."""
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """Lift every rule; the next one is number 1 again, so that a run can be repeated."""
        self._rules.clear()
        self._next = 1

    def reseed(self, seed: int) -> None:
        """Let chances follow from another seed from now on."""
        self.seed = seed
        for number, rule in self._rules.items():
            rule.draws = 0
            self._place(number, rule)

    def rules(self) -> dict[int, Rule]:
        """Return the rules in force by id."""
        return dict(self._rules)

    async def before(self, service: str, method: str, resources: Sequence[str] = ()) -> None:
        """Apply what strikes a call before it has an effect.

        Raises:
            EmulatorError: A rule refuses the call, or closes its connection.
        """
        if self._rules:
            await self._apply(self._struck("before", service, method, resources))
            for rule in self._struck("before_disk", service, method, resources):
                self._trap("before_disk", rule)
            for rule in self._struck("after_disk", service, method, resources):
                self._trap("after_disk", rule)

    async def after(self, service: str, method: str, resources: Sequence[str] = ()) -> None:
        """Apply what strikes a call that has had its effect, before it is answered.

        Raises:
            EmulatorError: A rule drops the reply, replaces it, or closes the connection.
        """
        if self._journal is not None:
            self._journal.spring()
        if self._rules:
            self._let_go(service, method, resources)
            await self._apply(self._struck("after", service, method, resources))

    async def reply(
        self, service: str, method: str, resources: Sequence[str], number: int
    ) -> list[Action]:
        """Apply what strikes a stream before its n-th reply is sent.

        Returns:
            What is to be done with the reply itself: drop, duplicate, reorder.

        Raises:
            EmulatorError: A rule ends the stream.
        """
        rules = [rule for rule in self._rules.values() if rule.reply in {0, number}]
        struck = [r for r in rules if r.matches(service, method, resources) and self._falls(r)]
        own: list[Action] = [
            r.action for r in struck if r.action in {"drop", "duplicate", "reorder"}
        ]
        await self._apply([rule for rule in struck if rule.action not in own])
        return own

    def strikes(
        self, action: Action, service: str, method: str, resources: Sequence[str] = ()
    ) -> bool:
        """Whether a rule of this action strikes now; counts as struck when it does."""
        rules = [r for r in self._rules.values() if r.action == action and r.reply is None]
        struck = [r for r in rules if r.matches(service, method, resources) and self._falls(r)]
        return bool(struck)

    def _struck(
        self, moment: Moment, service: str, method: str, resources: Sequence[str]
    ) -> list[Rule]:
        there = [r for r in self._rules.values() if r.reply is None and r.moment == moment]
        rules = [r for r in there if r.action not in {"duplicate", "stale"}]
        return [r for r in rules if r.matches(service, method, resources) and self._falls(r)]

    def _falls(self, rule: Rule) -> bool:
        number = next(n for n, r in self._rules.items() if r is rule)
        return rule.falls(self._chances[number])

    async def _apply(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            if rule.action == "delay":
                await self._clock.sleep(rule.seconds)
            elif rule.action == "reorder":
                await self._wait_for_another(rule)
        for rule in rules:
            self._end(rule)

    def _end(self, rule: Rule) -> None:
        if rule.action == "crash":
            self._crash(rule)
        if rule.action == "disconnect":
            raise DisconnectedError
        if rule.action == "error":
            raise EmulatorError(rule.status, rule.message)
        if rule.action == "drop":
            text = "injected fault: the reply was lost"
            raise EmulatorError(grpc.StatusCode.UNAVAILABLE, text)

    async def _wait_for_another(self, rule: Rule) -> None:
        """Let the next call that the rule is about have its effect first."""
        event = self._waiting[id(rule)] = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rule.seconds or _SOON_SECONDS):
                await event.wait()
        self._waiting.pop(id(rule), None)

    def _let_go(self, service: str, method: str, resources: Sequence[str]) -> None:
        for rule in self._rules.values():
            event = self._waiting.get(id(rule))
            if event is not None and rule.matches(service, method, resources):
                event.set()

    def _trap(self, moment: Moment, rule: Rule) -> None:
        if self._journal is not None:
            self._journal.trap(moment, lambda: self._crash(rule))

    def _crash(self, rule: Rule) -> None:
        if self._journal is None:
            return
        kept = {f"{n:06d}": _written(r) for n, r in self._rules.items()}
        kept["seed"] = str(self.seed).encode()
        self._journal.last_words(SPACE, kept, keep=rule.unsynced == "kept")
        self._die()

    def _restore(self) -> None:
        if self._journal is None:
            return
        found = dict(self._journal.load(SPACE))
        self.seed = int(found.pop("seed", str(self.seed)))
        self._journal.forget(SPACE)
        for key, value in found.items():
            rule: dict[str, Any] = json.loads(value)
            rule["status"] = grpc.StatusCode[rule["status"]]
            self._place(int(key), Rule(**rule))
            self._next = int(key) + 1


def _written(rule: Rule) -> bytes:
    return json.dumps(described(rule) | {"at": rule.at}).encode()
