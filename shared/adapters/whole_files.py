"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from shared.kernel.errors import UnavailableError


def keep(path: Path, content: bytes, what: str) -> None:
    """Keep a file, whole or not at all, and its folder where there is none.

    Args:
        path: Where.
        content: All of it.
        what: What an error calls it.

    Raises:
        UnavailableError: The folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, content)
    except OSError as error:
        raise UnavailableError(f"{what} cannot be written: {error}") from error


def kept(path: Path, what: str) -> bytes | None:
    """Return a file's content, None where there is none.

    Raises:
        UnavailableError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnavailableError(f"{what} cannot be read: {error}") from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, rename: a reader never sees half a file."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # a mounted bucket has no folders to flush
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # likewise: the object itself is stored already
    finally:
        os.close(descriptor)
