"""Snapshots: arrays in one file on the mounted folder of artifacts.

A file is a line that names the format, the length of a description, the description (JSON: the
digest of the rest, where each array lies, what the maker says about it) and the arrays. It is
written beside its place and renamed into it, so a reader sees the old one or the new one. It is
read whole and its digest compared before anything is believed: a folder that is a mounted bucket
changes files under their readers, so nothing is mapped into memory.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Arrays = Mapping[str, npt.NDArray[np.generic]]

logger = logging.getLogger(__name__)

T = TypeVar("T")
MAGIC = b"media-gateway snapshot 1\n"
_LENGTH = 8
_ALIGNED = 64
"""Arrays begin at multiples of this, so that they can be used where they lie."""
CHECK_SECONDS = 10.0


class BrokenSnapshotError(Exception):
    """A file is no whole snapshot; the message says of what."""


@dataclass(frozen=True)
class Snapshot:
    """What a file holds.

    Attributes:
        version: First 12 hexadecimal digits of the digest: equal contents, equal version.
        about: What its maker said about it.
        arrays: By name; not writable.
    """

    version: str
    about: dict[str, Any]
    arrays: dict[str, npt.NDArray[np.generic]]


def write_snapshot(path: Path, arrays: Arrays, about: Mapping[str, Any]) -> str:
    """Put a snapshot in its place, as one step, and return its version."""
    places, at = [], 0
    for name, array in arrays.items():
        shape = list(array.shape)
        places.append({"name": name, "dtype": array.dtype.str, "shape": shape, "at": at})
        at = _next(at + array.nbytes)
    digest = _digest(about)
    for piece in _pieces(arrays):
        digest.update(piece)
    described = {"sha256": digest.hexdigest(), "size": at, "arrays": places, "about": dict(about)}
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(aside, orjson.dumps(described), arrays)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    version: str = digest.hexdigest()[:12]
    return version


def _digest(about: Mapping[str, Any]) -> Any:  # noqa: ANN401 - hashlib names no type
    return sha256(orjson.dumps(about, option=orjson.OPT_SORT_KEYS))


def _next(at: int) -> int:
    return -(-at // _ALIGNED) * _ALIGNED


def _pieces(arrays: Arrays) -> Iterator[bytes]:
    for array in arrays.values():
        yield array.tobytes()
        yield bytes(_next(array.nbytes) - array.nbytes)


def _write(path: Path, described: bytes, arrays: Arrays) -> None:
    start = len(MAGIC) + _LENGTH + len(described)
    with path.open("wb") as stream:
        stream.write(MAGIC + (_next(start) - start + len(described)).to_bytes(_LENGTH, "little"))
        stream.write(described + b" " * (_next(start) - start))
        for piece in _pieces(arrays):
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def read_snapshot(path: Path) -> Snapshot:
    """Return what a file holds.

    Raises:
        BrokenSnapshotError: It is cut off, altered, or no snapshot at all.
        OSError: It cannot be read.
    """
    data = path.read_bytes()
    start = len(MAGIC) + _LENGTH
    if not data.startswith(MAGIC):
        raise BrokenSnapshotError(f"{path} is no snapshot")
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    try:
        described = orjson.loads(data[start : start + length])
        body = memoryview(data)[start + length :]
        return _read(path, described, body)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise BrokenSnapshotError(f"{path} is cut off or altered: {error}") from error


def _read(path: Path, described: dict[str, Any], body: memoryview) -> Snapshot:
    import numpy as np  # noqa: PLC0415 - 90 ms, only where a snapshot is read

    digest = _digest(described["about"])
    digest.update(body)
    if len(body) != described["size"] or digest.hexdigest() != described["sha256"]:
        raise BrokenSnapshotError(f"{path} is not what its description says")
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for place in described["arrays"]:
        shape, dtype = place["shape"], np.dtype(place["dtype"])
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(body, dtype, count, place["at"])
        arrays[place["name"]] = flat.reshape(shape)
    return Snapshot(described["sha256"][:12], described["about"], arrays)


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """What was made of a snapshot, and of which version."""

    version: str
    value: T


class WatchedSnapshot(Generic[T]):
    """The newest whole snapshot of a place, made into something to ask; for many threads.

    A new file is noticed within `CHECK_SECONDS`. While one thread loads it the others go on with
    the old one, and so do all if it is broken.

    Args:
        path: Asked for with each look, since it may be known late.
        make: From a snapshot; what it raises as `ValueError`, `KeyError` or `TypeError` means that
            the snapshot is of no use.
        seconds: A clock that never goes back.
    """

    def __init__(
        self,
        path: Callable[[], Path],
        make: Callable[[Snapshot], T],
        *,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._path, self._make, self._seconds = path, make, seconds
        self._lock = Lock()
        self._looked: float | None = None
        self._seen: tuple[int, int, int] | None = None
        self._loaded: Loaded[T] | None = None

    def current(self) -> Loaded[T] | None:
        """Return the newest one that was whole, None before there was any."""
        now = self._seconds()
        if self._looked is not None and now - self._looked < CHECK_SECONDS:
            return self._loaded
        # Who finds nothing yet waits for the one that loads; the others have something to answer.
        if self._lock.acquire(blocking=self._loaded is None):
            try:
                if self._looked is None or now - self._looked >= CHECK_SECONDS:
                    self._look()
                    self._looked = now
            finally:
                self._lock.release()
        return self._loaded

    def _look(self) -> None:
        path = self._path()
        try:
            found = path.stat()
            seen = (found.st_mtime_ns, found.st_size, found.st_ino)
            if seen == self._seen:
                return
            snapshot = read_snapshot(path)
            self._loaded = Loaded(snapshot.version, self._make(snapshot))
        except FileNotFoundError:
            return
        except (BrokenSnapshotError, OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("snapshot.refused", extra={"path": str(path), "reason": str(error)})
            return
        self._seen = seen
        logger.info("snapshot.loaded", extra={"path": str(path), "version": snapshot.version})
