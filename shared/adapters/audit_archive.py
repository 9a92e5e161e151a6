"""Where the archive of the audit log is: a bucket that keeps what it was given, or a folder.

The bucket is spoken to over its JSON API and not mounted as a folder, unlike the others: an object
there can be written once and never again, not even to give it its name, and "make this object where
there is none" is a request of that API (``ifGenerationMatch=0``).
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import urllib3

    from shared.kernel.audit_archive import Archive

STORAGE = "https://storage.googleapis.com"
SCHEME = "gs://"
CALL_TIMEOUT_SECONDS = 60.0
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
OK = 200
CREATED = 201
NOT_FOUND = 404
PRECONDITION_FAILED = 412


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
        self._bucket = bucket
        self._base = base
        self._token = token or _access_token

    def add(self, name: str, content: bytes) -> bool:
        """Keep an object; False where it is there already.

        Raises:
            UnavailableError: Cloud Storage did not answer, or refused.
        """
        named = f"uploadType=media&ifGenerationMatch=0&name={quote(name, safe='')}"
        path = f"/upload/storage/v1/b/{self._bucket}/o?{named}"
        answer = self._call("POST", path, content)
        if answer.status == PRECONDITION_FAILED:
            return False
        self._expect(answer, f"{name} cannot be archived")
        return True

    def read(self, name: str) -> bytes:
        """Return what an object holds.

        Raises:
            UnavailableError: Cloud Storage did not answer, or has no such object.
        """
        answer = self._call("GET", f"{self._objects}/{quote(name, safe='')}?alt=media")
        self._expect(answer, f"{name} cannot be read from the archive")
        return bytes(answer.data)

    def names(self, prefix: str) -> list[str]:
        """Return the name of every object that begins so, sorted; errors as for `read`."""
        return sorted(self._names(prefix))

    def _names(self, prefix: str) -> Iterator[str]:
        asked = f"prefix={quote(prefix, safe='')}&fields=items/name,nextPageToken"
        page = ""
        while True:
            answer = self._call("GET", f"{self._objects}?{asked}{page}")
            self._expect(answer, "the archive cannot be listed")
            found = orjson.loads(answer.data)
            yield from (item["name"] for item in found.get("items", ()))
            if not found.get("nextPageToken"):
                return
            page = f"&pageToken={quote(found['nextPageToken'], safe='')}"

    @property
    def _objects(self) -> str:
        return f"/storage/v1/b/{self._bucket}/o"

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:  # noqa: ANN401 - a response of urllib3, imported late
        import urllib3  # noqa: PLC0415 - only where there is a bucket

        headers = {"content-type": "application/gzip"} if body is not None else {}
        token = self._token()
        if token:
            headers["authorization"] = f"Bearer {token}"
        try:
            # Asking again is safe: an object that is there is not made a second time.
            return _pool().request(
                method, self._base + path, body=body, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise UnavailableError(f"the archive did not answer: {error!r}") from error

    @staticmethod
    def _expect(answer: Any, what: str) -> None:  # noqa: ANN401 - as above
        if answer.status not in {OK, CREATED}:
            detail = answer.data[:300].decode(errors="replace")
            raise UnavailableError(f"{what}: Cloud Storage answered {answer.status}: {detail}")


@cache
def _pool() -> urllib3.PoolManager:
    import urllib3  # noqa: PLC0415 - only where there is a bucket

    again = urllib3.Retry(
        4,
        allowed_methods=None,  # all of them: see where it is used
        status_forcelist=(408, 429, 500, 502, 503, 504),
        backoff_factor=0.5,
        raise_on_status=False,
    )
    return urllib3.PoolManager(timeout=CALL_TIMEOUT_SECONDS, retries=again)


def _access_token() -> str:
    import google.auth.transport.requests  # noqa: PLC0415 - only in the cloud

    credentials = _credentials()
    if not credentials.valid:
        credentials.refresh(google.auth.transport.requests.Request())
    return str(credentials.token)


@cache
def _credentials() -> Any:  # noqa: ANN401 - google-auth is untyped
    import google.auth  # noqa: PLC0415 - only in the cloud

    found, _ = google.auth.default(scopes=[SCOPE])
    return found
