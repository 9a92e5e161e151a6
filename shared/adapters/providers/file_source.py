"""Files of CSV or JSON Lines, plain or gzip, read as pages; bad lines are kept as they are.

A line that cannot be read becomes ``{"unreadable": text, "line": number, "error": why}``, so that
it is counted and set aside like any other bad record, and the rest goes on.
"""

import csv
import gzip
import hashlib
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from shared.catalog.mapping import ColumnMapping
from shared.catalog.ports import Delivery
from shared.catalog.raw import MAX_RECORDS
from shared.kernel.errors import InvalidInputError, NotFoundError, UnavailableError

LONGEST_LINE = 1 << 20
LONGEST_RECORD_LINES = 200
"""Most lines that one quoted CSV record may span; beyond, its quote was never meant to open."""
SHOWN = 2000
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_CSV_ENDINGS = {".csv", ".tsv", ".txt"}
_JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}

Record = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a file, without its end; `error` where it cannot be read at all."""

    number: int
    content: bytes
    error: str = ""

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
        return {"unreadable": shown, "line": self.number, "error": error}


class FileSource:
    """`shared.catalog.ports.PageSource`: one file; a cursor is the number of records before it.

    Args:
        path: The file. Gzip is recognized by its content, the format by the ending, else by the
            first character.
        mapping: Says which columns there must be, and what stands between them.
    """

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self._path = path
        self._mapping = mapping

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield pages of 100 records, in the order of the file, whatever their state.

        Raises:
            NotFoundError: There is no such file.
            InvalidInputError: It lacks a header, or columns that the mapping names.
        """
        done = int(cursor or 0)
        with _opened(self._path) as stream:
            records = islice(self._records(stream), done, None)
            page = list(islice(records, MAX_RECORDS))
            while page:
                done += len(page)
                following = list(islice(records, MAX_RECORDS))
                yield Delivery(page, next_cursor=str(done) if following else None)
                page = following

    def _records(self, stream: BinaryIO) -> Iterator[Record]:
        lines = _lines(stream)
        first = next((line for line in lines if not line.blank), None)
        if first is None:
            raise InvalidInputError(f"{self._path.name} is empty")
        if self._is_json(first):
            return _json_records(_chained(first, lines))
        return self._csv_records(first, lines)

    def _is_json(self, first: Line) -> bool:
        endings = {ending.lower() for ending in self._path.suffixes}
        if endings & _JSON_ENDINGS:
            return True
        return not endings & _CSV_ENDINGS and first.content.lstrip().startswith(b"{")

    def _csv_records(self, first: Line, lines: Iterator[Line]) -> Iterator[Record]:
        header = self._header(first)
        return CsvRecords(lines, header, self._mapping.delimiter).records()

    def _header(self, first: Line) -> list[str]:
        try:
            header = [name.strip() for name in _cells(first.text(), self._mapping.delimiter)]
        except ValueError as error:
            raise InvalidInputError(f"{self._path.name}: the header {error}") from None
        missing = [name for name in self._mapping.column_names() if name not in header]
        if missing:
            told = f"{self._path.name} has no column {', '.join(missing)}"
            raise InvalidInputError(f"{told}; it has {', '.join(header)[:SHOWN]}")
        if len(set(header)) != len(header):
            raise InvalidInputError(f"{self._path.name} has two columns of one name")
        return header


def run_of(path: Path, *options: str) -> str:
    """Return the id of the run that brings in this very file with these very options.

    The same file again is the same run, so nothing of it is stored or set aside twice. A file that
    cannot be read gives an id as well; reading it says what is wrong.
    """
    digest = hashlib.sha256("\x1f".join(options).encode())
    if path.is_file():
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"file-{digest.hexdigest()[:24]}"


def _chained(first: Line, rest: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from rest


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
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


def _lines(stream: BinaryIO) -> Iterator[Line]:
    """Yield every line; a file that breaks off ends with a line that says so."""
    number = 0
    while True:
        number += 1
        try:
            content = stream.readline(LONGEST_LINE)
            too_long = len(content) == LONGEST_LINE and not content.endswith(b"\n")
            if too_long:
                _skip_line(stream)
        except (EOFError, OSError, zlib.error) as error:
            yield Line(number, b"", f"the compressed file breaks off here: {error}")
            return
        if not content:
            return
        if number == 1:
            content = content.removeprefix(_BOM)
        wrong = f"is longer than {LONGEST_LINE} bytes" if too_long else ""
        yield Line(number, content.rstrip(b"\r\n"), wrong)


def _skip_line(stream: BinaryIO) -> None:
    while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass


def _json_records(lines: Iterator[Line]) -> Iterator[Record]:
    for line in lines:
        if not line.blank:
            yield _json_record(line)


def _json_record(line: Line) -> Record:
    try:
        found = orjson.loads(line.text())
    except ValueError as error:
        told = f"is no JSON: {error}" if isinstance(error, orjson.JSONDecodeError) else str(error)
        return line.unreadable(told)
    return found if isinstance(found, dict) else line.unreadable("is no JSON object")


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of one record.

    Raises:
        ValueError: It is none, or not a whole one.
    """
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"is no CSV: {error}") from None
    return rows[0]


class CsvRecords:
    """Puts records together from lines; a quote that never closes costs its own line only.

    Args:
        lines: Behind the header.
        header: Names of the columns.
        delimiter: Between cells.
    """

    def __init__(self, lines: Iterator[Line], header: Sequence[str], delimiter: str) -> None:
        self._lines = lines
        self._header = tuple(header)
        self._delimiter = delimiter
        self._returned: deque[Line] = deque()

    def records(self) -> Iterator[Record]:
        """Yield every record, unreadable ones in their place."""
        while (line := self._next()) is not None:
            if line.blank:
                continue
            try:
                text = line.text()
                if text.count('"') % 2:
                    yield self._spanning(text)
                else:
                    yield self._record(text)
            except ValueError as error:
                yield line.unreadable(str(error))

    def _next(self) -> Line | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def _record(self, text: str) -> Record:
        cells = _cells(text, self._delimiter)
        if len(cells) != len(self._header):
            raise ValueError(f"has {len(cells)} columns, the header has {len(self._header)}")
        return dict(zip(self._header, cells, strict=True))

    def _spanning(self, text: str) -> Record:
        """Return the record that starts with ``text`` and ends where its quotes are balanced.

        Where no such record comes about, the lines taken go back and only the first is lost.
        """
        taken: list[Line] = []
        try:
            while text.count('"') % 2:
                text = self._longer(text, taken)
            return self._record(text)
        except ValueError:
            self._returned.extendleft(reversed(taken))
            raise ValueError("opens a quote that is not closed") from None

    def _longer(self, text: str, taken: list[Line]) -> str:
        following = self._next()
        if following is None or len(taken) >= LONGEST_RECORD_LINES:
            if following is not None:
                taken.append(following)
            raise ValueError("is too long")
        taken.append(following)
        return f"{text}\n{following.text()}"
