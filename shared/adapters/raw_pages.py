"""Raw pages as files of the raw folder: a mounted bucket in the cloud, a folder locally."""

import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from shared.adapters.whole_files import keep, kept
from shared.catalog.raw import RawPage
from shared.kernel.errors import InvalidInputError, MalformedError

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,149}")
_MAX_SEGMENTS = 8
_LEVEL = 4


class RawFolder:
    """`shared.catalog.ports.RawPages`: gzip JSON below one folder.

    A file appears whole or not at all, and has reached the disk when `write` returns.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, raw_uri: str, page: RawPage) -> None:
        """Keep a page.

        Raises:
            InvalidInputError: ``raw_uri`` is no path below the folder.
            UnavailableError: The folder cannot be written to.
        """
        # Left out where it says nothing, so that a reader of the day before takes the page.
        unsaid = set() if page.told_at else {"told_at"}
        self.write_json(raw_uri, page.model_dump(mode="json", exclude=unsaid))

    def write_json(self, raw_uri: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Keep any JSON value; errors as for `write`."""
        packed = gzip.compress(orjson.dumps(value), _LEVEL, mtime=0)
        keep(self._path(raw_uri), packed, f"raw page {raw_uri}")

    def read(self, raw_uri: str) -> RawPage | None:
        """Return a page, None where there is none.

        Raises:
            InvalidInputError: ``raw_uri`` is no path below the folder.
            MalformedError: The file is no raw page.
            UnavailableError: The folder cannot be read.
        """
        found = self.read_json(raw_uri)
        if found is None:
            return None
        try:
            return RawPage.model_validate(found)
        except ValidationError as error:
            raise MalformedError(f"raw page {raw_uri} is not one: {error}") from None

    def read_json(self, raw_uri: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON value of a file, None where there is none; errors as for `read`."""
        packed = kept(self._path(raw_uri), f"raw page {raw_uri}")
        if packed is None:
            return None
        try:
            return orjson.loads(gzip.decompress(packed))
        except (ValueError, EOFError, OSError, zlib.error) as error:
            raise MalformedError(f"raw page {raw_uri} cannot be unpacked: {error}") from None

    def _path(self, raw_uri: str) -> Path:
        parts = raw_uri.split("/")
        if len(parts) > _MAX_SEGMENTS or not all(_SEGMENT.fullmatch(part) for part in parts):
            raise InvalidInputError(f"raw_uri {raw_uri!r} is no path below the raw folder")
        path = self._root.joinpath(*parts)
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise InvalidInputError(f"raw_uri {raw_uri!r} leads out of the raw folder")
        return path
