"""Labelled files as rows, with errors that name the file and the column."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import orjson

from shared.kernel.errors import InvalidInputError, NotFoundError

Row = Mapping[str, Any]
MORE = "\x00more"
"""Where the cells of a row stand that have no column."""
BAD_DATA = (OSError, EOFError, UnicodeDecodeError, csv.Error)


def find(folder: Path, stem: str) -> Path:
    """Return ``folder/stem``, compressed or not.

    Raises:
        NotFoundError: There is neither.
    """
    for path in (folder / f"{stem}.gz", folder / stem):
        if path.is_file():
            return path
    raise NotFoundError(f"{folder} has no file {stem}.gz or {stem}")


def table(
    path: Path, columns: Sequence[str], *, delimiter: str = ",", refused: list[str] | None = None
) -> list[dict[str, str]]:
    """Return the rows of a CSV file; blank lines are none.

    Args:
        path: The file; one that ends in ``.gz`` is compressed.
        columns: Those it must have.
        delimiter: Between the columns.
        refused: Takes the place of rows with too few or too many cells; None refuses the file.

    Raises:
        InvalidInputError: It cannot be read, a column is missing, or a row has too few or too many
            cells.
    """
    try:
        with _open(path) as lines:
            reader = csv.DictReader(lines, delimiter=delimiter, restkey=MORE, restval=None)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInputError(f"{path}: no column {', '.join(missing)}")
            return [
                row for row in reader if _is_whole(row, f"{path}, line {reader.line_num}", refused)
            ]
    except BAD_DATA as error:
        raise InvalidInputError(f"{path} cannot be read: {error}") from None


def _is_whole(row: Mapping[str, Any], place: str, refused: list[str] | None) -> bool:
    if MORE not in row and None not in row.values():
        return True
    wrong = f"{place}: has {'more' if MORE in row else 'fewer'} cells than the header"
    if refused is None:
        raise InvalidInputError(wrong)
    refused.append(wrong)
    return False


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines.

    Raises:
        InvalidInputError: Naming the line that is none.
    """
    return (found for _, found in numbered(path))


def numbered(path: Path, refused: list[str] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line and object of a file of JSON lines; blank lines are none.

    Args:
        path: The file; one that ends in ``.gz`` is compressed.
        refused: Takes the place of lines that are no object; None refuses the file.

    Raises:
        InvalidInputError: The file cannot be read, or naming the line that is no object.
    """
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield number, _object(line, path, number)
                except InvalidInputError as error:
                    if refused is None:
                        raise
                    refused.append(error.message)
    except BAD_DATA as error:
        raise InvalidInputError(f"{path} cannot be read: {error}") from None


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"{path}, line {number}: {error}") from None
    if not isinstance(found, dict):
        raise InvalidInputError(f"{path}, line {number}: is no object")
    return found


def _open(path: Path) -> TextIO:
    """Open a file; a mark of the byte order that some programs put first is no text of it."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
