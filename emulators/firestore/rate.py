"""How often one document may be written: a burst, and then once a second.

Production bears more than one sustained write a second to a document for a while and then answers
ABORTED ("too much contention"); how long is not documented. Here it is a bucket that holds `BURST`
writes and is filled with one a second, of the virtual clock.

https://firebase.google.com/docs/firestore/best-practices#updates_to_a_single_document
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.clock import Clock
    from emulators.firestore.names import Path
    from emulators.firestore.planning.planner import Strict

BURST = 10
_MOST_KNOWN = 10_000


class WriteRate:
    """The buckets of the documents of a database.

    Args:
        clock: The time.
        strict: Whether anything is refused.
    """

    def __init__(self, clock: Clock, strict: Strict) -> None:
        self._clock, self._strict = clock, strict
        self._full_at: dict[Path, float] = {}

    @property
    def is_limited(self) -> bool:
        """Whether anything is refused."""
        return self._strict.write_rate

    def take(self, paths: Iterable[Path]) -> None:
        """Count one write to each document of a commit; none where one is refused.

        Raises:
            EmulatorError: ABORTED, naming a document that is written too often.
        """
        now = self._clock.now()
        filled = {path: max(self._full_at.get(path, now), now) + 1 for path in paths}
        for path, at in filled.items():
            if at - now > BURST:
                raise errors.aborted(
                    "Too much contention on these documents. Please try again. "
                    f"({path} is written more than once a second.)"
                )
        self._full_at.update(filled)
        if len(self._full_at) > _MOST_KNOWN:
            self._full_at = {path: at for path, at in self._full_at.items() if at > now}
