"""Pictures as files of the artifacts' folder: a mounted bucket in the cloud, a folder locally."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shared.adapters.whole_files import keep, kept
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    import re
    from pathlib import Path


class PictureFolder:
    """Pictures of one kind: ``{folder}/{first two}/{name}{suffix}``.

    Every call raises `UnavailableError` where the folder cannot be used, and `ValueError` for what
    is no name of such a picture.

    Args:
        root: The folder of artifacts.
    """

    folder: ClassVar[str]
    kind: ClassVar[str]
    """What one of them is called in an error."""
    names: ClassVar[re.Pattern[str]]
    suffix: ClassVar[str] = ""

    def __init__(self, root: Path) -> None:
        self._root = root / self.folder

    def put(self, name: str, content: bytes) -> None:
        """Keep a picture, whole or not at all."""
        keep(self._path(name), content, f"{self.kind} {name}")

    def get(self, name: str) -> bytes | None:
        """Return one, None where there is none."""
        return kept(self._path(name), f"{self.kind} {name}")

    def remove(self, name: str) -> None:
        """Forget one, if it is there."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise UnavailableError(f"{self.kind} {name} cannot be removed: {error}") from error

    def _path(self, name: str) -> Path:
        if not self.names.fullmatch(name):
            raise ValueError(f"{name!r} is no name of one: {self.kind}")
        return self._root / name[:2] / f"{name}{self.suffix}"
