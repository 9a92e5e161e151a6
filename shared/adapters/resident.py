"""The catalog of this process: the newest snapshot, followed as titles change."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.snapshots import Loaded, Snapshot, WatchedSnapshot
from shared.adapters.sql.resident.changes import BEFORE_ALL, SqlChanges
from shared.adapters.sql.resident.rows import SqlRows
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import UnavailableError
from shared.search.resident.overlay import MOST_CHANGES, Overlay, TooManyChangesError
from shared.search.understanding.renewed import Renewed

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.adapters.sql.resident.changes import Change
    from shared.search.resident.catalog import Catalog

logger = logging.getLogger(__name__)

SNAPSHOT = "search/catalog.snapshot"
FORMAT = 2
"""Another one with each change of what arrays mean; a snapshot of another format is not read."""
LOOK_SECONDS = 2.0
OLDEST_SECONDS = 60.0
"""After so long without an answer about changes the process's catalog is not believed."""
OVERLAP_SECONDS = 60.0
"""How far clocks of two instances, and a change and its commit, may lie apart."""
CHANGES_KEPT = timedelta(days=2)
FOLLOWED = timedelta(days=1)
"""Who last looked longer ago may miss changes that were purged; half of what is kept."""
PAGE = 2000


class Resident:
    """The catalog as this process keeps it; for many threads.

    It is loaded and followed in a thread behind the requests, so that asking costs microseconds;
    only who asks first waits, and not for long.

    Args:
        clock: Tells when changes were looked for.
        changes: Tells which titles changed.
        rows: Gives what reads titles, from the model whose vectors count.
        seconds: A clock that never goes back.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        changes: SqlChanges | None = None,
        rows: Callable[[str], SqlRows] = SqlRows,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._seconds = clock or SystemClock(), seconds
        self._changes, self._rows = changes or SqlChanges(self._clock), rows
        path = lambda: connect.addresses().artifacts_dir / SNAPSHOT  # noqa: E731 - known late
        self._watched = WatchedSnapshot(path, _start, seconds=seconds)
        self._renewed = Renewed(self._renew, every=LOOK_SECONDS, seconds=seconds)
        self._followed: _Followed | None = None
        self._given_up = ""
        self._silent = False

    def current(self) -> Catalog | None:
        """Return the catalog as it was at most `OLDEST_SECONDS` ago, None where there is none."""
        followed = self._renewed()
        if followed is None or self._seconds() - followed.looked > OLDEST_SECONDS:
            return None
        return followed.overlay.catalog

    def _renew(self) -> _Followed | None:
        """Return the newest; what there was where nothing could be asked."""
        loaded = self._watched.current()
        if loaded is None or loaded.version == self._given_up:
            return self._followed
        try:
            self._followed = self._look(self._start_of(loaded))
            self._silent = False
        except UnavailableError as error:
            self._say_once(error)
        except (TooManyChangesError, TooOldError) as error:
            self._followed, self._given_up = None, loaded.version
            reason = {"version": loaded.version, "reason": str(error)}
            logger.warning("resident.given_up", extra=reason)
        return self._followed

    def _say_once(self, error: Exception) -> None:
        if not self._silent:
            logger.warning("resident.not_followed", extra={"reason": str(error)})
        self._silent = True

    def _start_of(self, loaded: Loaded[_Start]) -> _Followed:
        """Return what is followed on; a newer snapshot is followed from when it was read."""
        if self._followed is not None and self._followed.start is loaded.value:
            return self._followed
        start = loaded.value
        return _Followed(start, Overlay(start.catalog), start.read_at, {}, 0.0)

    def _look(self, before: _Followed) -> _Followed:
        looked, now = self._seconds(), self._clock.now().timestamp()
        if now - before.read_at > FOLLOWED.total_seconds():
            raise TooOldError(f"changes were not looked for since {before.read_at:.0f}")
        changes = self._changed(before.read_at - OVERLAP_SECONDS)
        fresh = [id_ for id_, at in changes.items() if before.seen.get(id_) != at]
        overlay = before.overlay
        if fresh:
            titles = self._rows(before.start.model).some(fresh)
            overlay = overlay.with_changes(titles, fresh)
        return _Followed(before.start, overlay, now, changes, looked)

    def _changed(self, since: float) -> dict[str, float]:
        """Return when titles changed last, of those that did since a time."""
        found: dict[str, float] = {}
        page: list[Change] = [(BEFORE_ALL, since)]
        while page:
            after, at = page[-1]
            page = self._changes.since(at, after, limit=PAGE)
            found.update(page)
            if len(found) > MOST_CHANGES:
                raise TooManyChangesError(f"over {MOST_CHANGES} titles changed")
        return found


class TooOldError(Exception):
    """Changes may have been purged that were never looked for."""


@dataclass(frozen=True)
class _Start:
    """A snapshot as it was loaded.

    Attributes:
        read_at: Before any title of it was read, in seconds since 1970.
    """

    catalog: Catalog
    model: str
    read_at: float


@dataclass(frozen=True)
class _Followed:
    """A snapshot with what changed since.

    Attributes:
        read_at: When changes were last looked for, by the clock.
        seen: Changes of the last look, as `SqlChanges` gave them.
        looked: As `read_at`, on the clock that never goes back.
    """

    start: _Start
    overlay: Overlay
    read_at: float
    seen: dict[str, float]
    looked: float


def _start(snapshot: Snapshot) -> _Start:
    from shared.search.resident.catalog import Catalog  # noqa: PLC0415 - with the first snapshot
    from shared.search.resident.part import Part  # noqa: PLC0415 - likewise

    about = snapshot.about
    if about["format"] != FORMAT:
        raise ValueError(f"format {about['format']} of the snapshot is not {FORMAT}")
    catalog = Catalog((Part.from_arrays(snapshot.arrays),))
    return _Start(catalog, about["model"], about["read_at"])
