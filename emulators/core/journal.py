"""What must survive a killed process: key/value spaces in one SQLite file.

State lives in memory; the journal is its durable copy. `Journal.put` buffers, so a value that is
replaced between two commits is written once. `Journal.commit` joins all callers that wait at the
same time into one transaction (WAL, ``synchronous=NORMAL``: survives the death of the process).

A few small values are written where they are committed: waking a thread for them takes longer than
the write, which waits for no disk. Large batches, and merging the log into the file, are the
thread's.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 0;
CREATE TABLE IF NOT EXISTS entry (
  space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, key)
) WITHOUT ROWID;
"""
_PUT = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)"
_DELETE = "DELETE FROM entry WHERE space = ? AND key = ?"
_LOAD = "SELECT key, value FROM entry WHERE space = ? ORDER BY key"
_MERGE = "PRAGMA wal_checkpoint(PASSIVE)"
_FLUSH_SECONDS = 0.01
_AT_ONCE = 8
"""Most values that are written without the thread."""
_LOG_BYTES = 4 * 1024 * 1024
"""About as much is logged before it is merged into the file."""
_PAGE_BYTES = 4096

_ALL = "SELECT space, key, value FROM entry ORDER BY space, key"
# What a fault has waiting for the commit of the call under way: when, and what.
_TRAP: ContextVar[tuple[str, Callable[[], None]] | None] = ContextVar("trap", default=None)

_Buffer = dict[tuple[str, str], "bytes | None"]


class Journal:
    """Durable key/value spaces shared by all services of one process.

    Args:
        path: The SQLite file, made when missing; None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # it holds the payloads of secrets
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(_SCHEMA)
        self._buffer: _Buffer = {}
        self._written = 0  # puts so far, and how many of them are on disk
        self._durable = 0
        self._logged = 0  # bytes since the log was merged, about
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._flush: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def load(self, space: str) -> Iterator[tuple[str, bytes]]:
        """Yield every live (key, value) of one space in key order, what was just put included."""
        # Behind what is being written: a batch on its way is in neither the buffer nor the file.
        self._writer.submit(self._write, self._take()).result()
        yield from self._database.execute(_LOAD, (space,)).fetchall()

    def put(self, space: str, key: str, value: bytes | None) -> None:
        """Write or, with None, delete one value.

        It is on disk once `commit` returns; without a commit, within some hundredths of a second.
        """
        self._buffer[space, key] = value
        self._written += 1
        if self._timer is None and self._flush is None:
            self._timer = _call_later(_FLUSH_SECONDS, self._start)

    async def commit(self) -> None:
        """Return when everything put before is on disk.

        Raises:
            sqlite3.Error: The disk refused; the values are kept and written with the next commit.
        """
        trap = _TRAP.get()
        if trap is not None and trap[0] == "before_disk":
            self.spring()
        target = self._written
        while self._durable < target:
            await asyncio.shield(self._flush or self._start())
        if trap is not None:
            self.spring()

    def everything(self) -> list[tuple[str, str, bytes]]:
        """Return every live (space, key, value) in this order, as of one moment."""
        return self._writer.submit(self._select, self._take()).result()

    def forget(self, space: str) -> None:
        """Delete every value of a space."""
        for key, _ in list(self.load(space)):
            self.put(space, key, None)

    # For faults

    def trap(self, moment: str, action: Callable[[], None]) -> None:
        """Let something happen at the next commit of the call under way.

        Args:
            moment: ``before_disk``, ahead of the writing, or ``after_disk``.
            action: What happens.
        """
        _TRAP.set((moment, action))

    def spring(self) -> None:
        """Let it happen now, if it has not happened yet."""
        trap = _TRAP.get()
        if trap is not None:
            _TRAP.set(None)
            trap[1]()

    def last_words(self, space: str, values: Mapping[str, bytes], *, keep: bool) -> None:
        """Write some values at once, and what is not on disk yet only if it is to be kept."""
        batch: _Buffer = {(space, key): value for key, value in values.items()}
        if keep:
            batch = self._take() | batch
        self._writer.submit(self._write, batch).result()

    def close(self) -> None:
        """Write what is buffered and close the file."""
        if self._closed:
            return
        self._closed = True
        if self._timer:
            self._timer.cancel()
        self._writer.shutdown(wait=True)
        self._write(self._take())
        self._database.close()

    def _start(self) -> asyncio.Task[None]:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._flush is None:
            self._flush = asyncio.get_running_loop().create_task(self._run())
        return self._flush

    async def _run(self) -> None:
        batch, target = self._take(), self._written
        try:
            await self._keep(batch)
            self._durable = target
        except BaseException:
            self._buffer = batch | self._buffer
            raise
        finally:
            self._flush = None
            if self._buffer and not self._closed:
                self._timer = _call_later(_FLUSH_SECONDS, self._start)

    async def _keep(self, batch: _Buffer) -> None:
        # A value changes its own page at least, and one above it.
        self._logged += sum(2 * _PAGE_BYTES + len(value or b"") for value in batch.values())
        if len(batch) <= _AT_ONCE and self._logged < _LOG_BYTES:
            self._write(batch)
            return
        action = self._write if self._logged < _LOG_BYTES else self._write_and_merge
        await asyncio.get_running_loop().run_in_executor(self._writer, action, batch)

    def _write_and_merge(self, batch: _Buffer) -> None:
        self._write(batch)
        self._database.execute(_MERGE)
        self._logged = 0

    def _take(self) -> _Buffer:
        batch, self._buffer = self._buffer, {}
        return batch

    def _select(self, batch: _Buffer) -> list[tuple[str, str, bytes]]:
        self._write(batch)
        return self._database.execute(_ALL).fetchall()

    def _write(self, batch: Mapping[tuple[str, str], bytes | None]) -> None:
        if not batch:
            return
        puts = [(*place, value) for place, value in batch.items() if value is not None]
        deletes = [place for place, value in batch.items() if value is None]
        with self._database:
            self._database.executemany(_PUT, puts)
            self._database.executemany(_DELETE, deletes)


def _call_later(seconds: float, action: Callable[[], object]) -> asyncio.TimerHandle | None:
    # State may be prepared before the loop runs; then the first commit or close writes it.
    try:
        return asyncio.get_running_loop().call_later(seconds, action)
    except RuntimeError:
        return None
