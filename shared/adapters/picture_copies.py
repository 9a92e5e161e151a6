"""Copies of titles' pictures as files of the artifacts' folder, and where they are fetched from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.adapters.raw_pages import write_whole
from shared.catalog.hosting import MOST_BYTES
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any

    from shared.adapters.egress import Egress, Fetched
    from shared.catalog.hosting import Fetch

FOLDER = "pictures"
OK = 200
ASKED = {"accept": "image/webp, image/jpeg, image/png"}
_NAME = re.compile(r"[0-9a-f]{40}-[0-9]{2,3}\.webp")


class CopyFolder:
    """`shared.catalog.hosting.Copies`: ``pictures/{first two}/{name}``.

    Args:
        root: The folder of artifacts.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / FOLDER

    def put(self, name: str, content: bytes) -> None:
        """Keep one, whole or not at all."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise UnavailableError(f"picture {name} cannot be written: {error}") from error

    def get(self, name: str) -> bytes | None:
        """Return one, None where there is none."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(f"picture {name} cannot be read: {error}") from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a picture")
        return self._root / name[:2] / name


def fetcher(egress: Egress, run: Callable[[Coroutine[Any, Any, Fetched]], Fetched]) -> Fetch:
    """Return what gives the bytes at an address that a provider chose.

    Args:
        egress: Calls it, and nobody that is not to be called.
        run: Waits for the call, such as `asyncio.run`.
    """

    def fetch(url: str) -> bytes:
        found = run(egress.fetch(url, ASKED, most_bytes=MOST_BYTES))
        if found.status != OK:
            raise UnavailableError(f"it answers {found.status}")
        return found.body

    return fetch
