"""Documents that end: each is deleted when the time in the field that its policy names has come."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from typing import TYPE_CHECKING, NamedTuple

from emulators.core import errors
from emulators.firestore import fields
from emulators.firestore.messages import Write
from emulators.firestore.writes import SECOND, microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.clock import Alarm, Clock
    from emulators.firestore.data import Change, Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.store import Database

_SLACK = 1
"""Microseconds that a clock of floating point may be short of a deadline."""


class Policy(NamedTuple):
    """Which field ends the documents of a collection group, how many seconds after its time."""

    path: FieldPath
    offset: int


class Expiry:
    """Ends the documents of one database.

    Args:
        database: Whose documents.
        clock: Says when.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._policies: dict[str, Policy] = {}
        self._due: list[tuple[int, int, Version]] = []
        self._number = 0
        self._alarm: Alarm | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def follow(self, policies: dict[str, Policy]) -> None:
        """Let policies be in force, by collection id, and no others."""
        if policies == self._policies:
            return
        self._policies, self._due = policies, []
        self._database.watchers.discard(self._committed)
        if policies:
            self._database.watchers.add(self._committed)
            self._take(self._database.data.everything())

    def close(self) -> None:
        """End nothing more."""
        self._database.watchers.discard(self._committed)
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._ending:
            task.cancel()

    def _committed(self, _time: int, changes: list[Change]) -> None:
        self._take(change.after for change in changes)

    def _take(self, versions: Iterable[Version]) -> None:
        before = self._due[0] if self._due else None
        for version in versions:
            ends = self._end_of(version)
            if ends is not None:
                self._number += 1
                heapq.heappush(self._due, (ends, self._number, version))
        if self._due and self._due[0] is not before:
            self._wait()

    def _end_of(self, version: Version) -> int | None:
        """Return the microseconds at which a document ends, None where it does not."""
        policy = self._policies.get(version.path.segments[-2])
        if policy is None or version.document is None:
            return None
        value = fields.get(version.document.fields, policy.path)
        if value is None or not value.HasField("timestamp_value"):
            return None
        return microseconds(value.timestamp_value) + policy.offset * SECOND

    def _wait(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._clock.call_at(self._due[0][0] / SECOND, self._ring)

    def _ring(self) -> None:
        now = round(self._clock.now() * SECOND)
        while self._due and self._due[0][0] <= now + _SLACK:
            _, _, version = heapq.heappop(self._due)
            if self._database.data.find(version.path) is version:
                task = asyncio.get_running_loop().create_task(self._end(version))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
        if self._due:
            self._wait()

    async def _end(self, version: Version) -> None:
        """Delete a document, unless it is another by the time that nobody locks it."""
        write = Write(delete=str(version.path))
        if version.document is not None:
            write.current_document.update_time.CopyFrom(version.document.update_time)
        with contextlib.suppress(errors.EmulatorError), self._clock.busy():
            await self._database.commit([write], limited=False)
