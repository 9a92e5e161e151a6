"""Where the archive of the audit log is: a bucket that keeps what it was given, or a folder.

The bucket is spoken to over its JSON API and not mounted as a folder, unlike the others: an object
there can be written once and never again, not even to give it its name, and "make this object where
there is none" is a request of that API (``ifGenerationMatch=0``).
"""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from shared.adapters.access_token import access_token
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx2

    from shared.kernel.audit_archive import Archive

STORAGE = "https://storage.googleapis.com"
SCHEME = "gs://"
CALL_TIMEOUT_SECONDS = 60.0
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
ATTEMPTS = 4
OK = 200
PRECONDITION_FAILED = 412
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of Cloud Storage that are worth asking again."""


def archive_at(place: str) -> Archive:
    """Return the archive at ``gs://bucket``, or in a folder."""
    if place.startswith(SCHEME):
        return BucketArchive(place.removeprefix(SCHEME).rstrip("/"))
    return FolderArchive(Path(place))


class FolderArchive:
    """`shared.kernel.audit_archive.Archive` on a disk, for a laptop and for tests."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, name: str, content: bytes) -> bool:
        """Keep an object, whole and on the disk when this returns; False where it is there already.

        Raises:
            UnavailableError: The folder cannot be written to.
        """
        path = self._root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _linked(path, content)
        except OSError as error:
            raise UnavailableError(f"{name} cannot be archived: {error}") from error

    def read(self, name: str) -> bytes:
        """Return what an object holds.

        Raises:
            UnavailableError: It cannot be read.
        """
        try:
            return (self._root / name).read_bytes()
        except OSError as error:
            raise UnavailableError(f"{name} cannot be read from the archive: {error}") from error

    def names(self, prefix: str) -> list[str]:
        """Return the name of every object that begins so, sorted."""
        files = (f.relative_to(self._root) for f in self._root.rglob("*") if f.is_file())
        return sorted(f.as_posix() for f in files if f.as_posix().startswith(prefix))


def _linked(path: Path, content: bytes) -> bool:
    """Write beside, flush to disk, give it its name unless that is taken."""
    descriptor, written = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(written)
    except FileExistsError:
        return False
    finally:
        Path(written).unlink()
    return True


class BucketArchive:
    """`shared.kernel.audit_archive.Archive` in Cloud Storage.

    Args:
        bucket: Its name.
        base: Where Cloud Storage is.
        token: Gives an access token, empty for none.
    """

    def __init__(
        self, bucket: str, *, base: str = STORAGE, token: Callable[[], str] | None = None
    ) -> None:
        import httpx2  # noqa: PLC0415 - 60 ms, only where there is a bucket

        self._bucket = bucket
        self._token = token or partial(access_token, SCOPE)
        self._client = httpx2.Client(base_url=base, timeout=CALL_TIMEOUT_SECONDS)

    def add(self, name: str, content: bytes) -> bool:
        """Keep an object; False where it is there already.

        Raises:
            UnavailableError: Cloud Storage did not answer, or refused.
        """
        asked = {"uploadType": "media", "ifGenerationMatch": "0", "name": name}
        path = f"/upload{self._objects}"
        answer = self._call("POST", path, asked, content=content)
        if answer.status_code == PRECONDITION_FAILED:
            return False
        _expect(answer, f"{name} cannot be archived")
        return True

    def read(self, name: str) -> bytes:
        """Return what an object holds.

        Raises:
            UnavailableError: Cloud Storage did not answer, or has no such object.
        """
        answer = self._call("GET", f"{self._objects}/{quote(name, safe='')}", {"alt": "media"})
        _expect(answer, f"{name} cannot be read from the archive")
        return bytes(answer.content)

    def names(self, prefix: str) -> list[str]:
        """Return the name of every object that begins so, sorted; errors as for `read`."""
        return sorted(self._names(prefix))

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _names(self, prefix: str) -> Iterator[str]:
        asked = {"prefix": prefix, "fields": "items/name,nextPageToken"}
        while True:
            answer = self._call("GET", self._objects, asked)
            _expect(answer, "the archive cannot be listed")
            found = orjson.loads(answer.content)
            yield from (item["name"] for item in found.get("items", ()))
            if not found.get("nextPageToken"):
                return
            asked["pageToken"] = found["nextPageToken"]

    @property
    def _objects(self) -> str:
        return f"/storage/v1/b/{self._bucket}/o"

    def _call(
        self, method: str, path: str, asked: Mapping[str, str], content: bytes | None = None
    ) -> httpx2.Response:
        """Ask until there is an answer, which is safe: an object is never made a second time."""
        import httpx2  # noqa: PLC0415 - as above
        import stamina  # noqa: PLC0415 - likewise

        token = self._token()
        headers = {"authorization": f"Bearer {token}"} if token else {}

        @stamina.retry(on=(httpx2.TransportError, httpx2.HTTPStatusError), attempts=ATTEMPTS)
        def once() -> httpx2.Response:
            answer = self._client.request(
                method, path, params=asked, content=content, headers=headers
            )
            if answer.status_code in PASSING:
                answer.raise_for_status()
            return answer

        try:
            return once()
        except httpx2.HTTPStatusError as error:
            return error.response
        except httpx2.HTTPError as error:
            raise UnavailableError(f"the archive did not answer: {error!r}") from error


def _expect(answer: httpx2.Response, what: str) -> None:
    if answer.status_code != OK:
        detail = answer.text[:300]
        raise UnavailableError(f"{what}: Cloud Storage answered {answer.status_code}: {detail}")
