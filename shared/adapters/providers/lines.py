"""Files as lines, plain or gzip; what is wrong with one is said by the line."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from shared.kernel.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LONGEST_LINE = 1 << 20
SHOWN = 2000
BOM = b"\xef\xbb\xbf"
BREAKS = (EOFError, OSError, zlib.error)
"""What reading a file raises that was cut off while it was packed or copied."""
_GZIP = b"\x1f\x8b"

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a file, without its end, or one element of an array in it.

    Attributes:
        number: Of the line, or of that in which the element begins; from 1.
        error: Why it cannot be read at all.
        element: Which element it is, from 1; 0 where it is a line.
    """

    number: int
    content: bytes
    error: str = ""
    element: int = 0

    @property
    def blank(self) -> bool:
        """Tell whether there is nothing in it, nor anything wrong with it."""
        return not self.error and not self.content.strip()

    def text(self) -> str:
        """Return the line's text.

        Raises:
            ValueError: Saying why there is none.
        """
        if self.error:
            raise ValueError(self.error)
        if b"\x00" in self.content:
            raise ValueError("holds a NUL character")
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"is not UTF-8 at byte {error.start}") from None

    def unreadable(self, error: str) -> Record:
        """Return the record that stands for a line nobody could read."""
        shown = self.content[:SHOWN].decode(errors="replace").replace("\x00", "�")
        place = {"element": self.element} if self.element else {}
        return {"unreadable": shown, "line": self.number, **place, "error": error}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Give a file's content, unpacked where it is gzip.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
    """
    try:
        file = path.open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFoundError(f"there is no file {path}") from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error}") from error
    with file:
        packed = file.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("BinaryIO", unpacked)


def breaks_off(error: Exception) -> str:
    """Return what is wrong with the last line of a file that was cut off."""
    return f"the compressed file breaks off here: {error}"


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Yield every line; a file that breaks off ends with a line that says so."""
    number = 0
    while True:
        number += 1
        try:
            content = stream.readline(LONGEST_LINE)
            too_long = len(content) == LONGEST_LINE and not content.endswith(b"\n")
            if too_long:
                _skip_line(stream)
        except BREAKS as error:
            yield Line(number, b"", breaks_off(error))
            return
        if not content:
            return
        if number == 1:
            content = content.removeprefix(BOM)
        wrong = f"is longer than {LONGEST_LINE} bytes" if too_long else ""
        yield Line(number, content.rstrip(b"\r\n"), wrong)


def _skip_line(stream: BinaryIO) -> None:
    while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass
