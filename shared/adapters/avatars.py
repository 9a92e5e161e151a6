"""Avatars as files of the artifacts' folder: a mounted bucket in the cloud, a folder locally."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.adapters.raw_pages import write_whole
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "avatars"
_NAME = re.compile(r"[0-9a-f]{64}")


class AvatarFolder:
    """`shared.identity.avatar.Avatars`: ``avatars/{first two}/{name}.webp``.

    Every call raises `UnavailableError` where the folder cannot be used.

    Args:
        root: The folder of artifacts.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / FOLDER

    def put(self, name: str, content: bytes) -> None:
        """Keep a picture, whole or not at all."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise UnavailableError(f"avatar {name} cannot be written: {error}") from error

    def get(self, name: str) -> bytes | None:
        """Return one, None where there is none."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(f"avatar {name} cannot be read: {error}") from error

    def remove(self, name: str) -> None:
        """Forget one, if it is there."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise UnavailableError(f"avatar {name} cannot be removed: {error}") from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an avatar")
        return self._root / name[:2] / f"{name}.webp"
