"""Files of CSV or JSON, plain or gzip, read as pages; what is bad in them is kept as it is.

JSON is an object a line, one array of objects, or objects that take several lines each. A line, or
an element of an array, that cannot be read becomes
``{"unreadable": text, "line": number, "error": why}``, so that it is counted and set aside like any
other bad record, and the rest goes on.
"""

import csv
import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson

from shared.adapters.providers.json_values import JsonPieces, first_sign
from shared.adapters.providers.lines import (
    LONGEST_LINE,
    SHOWN,
    Line,
    Record,
    opened,
    read_lines,
)
from shared.catalog.mapping import ColumnMapping
from shared.catalog.ports import Delivery
from shared.catalog.raw import MAX_RECORDS
from shared.kernel.errors import InvalidInputError

__all__ = ["LONGEST_LINE", "FileSource", "run_of"]

LONGEST_RECORD_LINES = 200
"""Most lines that one quoted CSV record may span; beyond, its quote was never meant to open."""
_CSV_ENDINGS = {".csv", ".tsv", ".txt"}
_LINE_ENDINGS = {".jsonl", ".ndjson"}
_JSON_ENDINGS = {*_LINE_ENDINGS, ".json"}


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
        with opened(self._path) as stream:
            records = islice(self._records(stream), done, None)
            page = list(islice(records, MAX_RECORDS))
            while page:
                done += len(page)
                following = list(islice(records, MAX_RECORDS))
                yield Delivery(page, next_cursor=str(done) if following else None)
                page = following

    def _records(self, stream: BinaryIO) -> Iterator[Record]:
        lines = read_lines(stream)
        first = next((line for line in lines if not line.blank), None)
        if first is None:
            raise InvalidInputError(f"{self._path.name} is empty")
        if not self._is_json():
            return self._csv_records(first, lines)
        if self._is_of_lines(first):
            return _json_records(_chained(first, lines))
        return self._values(array=self._begins(b"["))

    def _values(self, *, array: bool) -> Iterator[Record]:
        with opened(self._path) as stream:
            yield from _json_records(JsonPieces(stream, array=array).lines())

    def _is_of_lines(self, first: Line) -> bool:
        """Tell whether JSON is one value a line: what the ending promises, or the first line is."""
        promised = bool(self._endings() & _LINE_ENDINGS)
        if self._begins(b"["):
            return promised and _is_whole(first)
        return promised or _is_whole(first) or not self._begins(b"{")

    def _begins(self, *signs: bytes) -> bool:
        with opened(self._path) as stream:
            return first_sign(stream) in signs

    def _endings(self) -> set[str]:
        return {ending.lower() for ending in self._path.suffixes}

    def _is_json(self) -> bool:
        endings = self._endings()
        if endings & _JSON_ENDINGS:
            return True
        return not endings & _CSV_ENDINGS and self._begins(b"{", b"[")

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


def _is_whole(line: Line) -> bool:
    try:
        orjson.loads(line.text())
    except ValueError:
        return False
    return True


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
