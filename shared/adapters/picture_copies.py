"""Copies of titles' pictures as files of the artifacts' folder, and where they are fetched from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.adapters.picture_folder import PictureFolder
from shared.catalog.hosting import MOST_BYTES
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from shared.adapters.egress import Egress, Fetched
    from shared.catalog.hosting import Fetch

OK = 200
ASKED = {"accept": "image/webp, image/jpeg, image/png"}


class CopyFolder(PictureFolder):
    """`shared.catalog.hosting.Copies`: ``pictures/{first two}/{name}``."""

    folder, kind = "pictures", "picture"
    names = re.compile(r"[0-9a-f]{40}-[0-9]{2,3}\.webp")


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
