"""Labelled files as rows, with errors that name the file and the column."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import orjson

from shared.kernel.errors import InvalidInputError, NotFoundError

Row = Mapping[str, Any]
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


def table(path: Path, columns: Sequence[str], *, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a CSV file.

    Args:
        path: The file; one that ends in ``.gz`` is compressed.
        columns: Those it must have.
        delimiter: Between the columns.

    Raises:
        InvalidInputError: It cannot be read, or a column is missing.
    """
    try:
        with _open(path) as lines:
            reader = csv.DictReader(lines, delimiter=delimiter)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInputError(f"{path}: no column {', '.join(missing)}")
            return list(reader)
    except BAD_DATA as error:
        raise InvalidInputError(f"{path} cannot be read: {error}") from None


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines.

    Raises:
        InvalidInputError: Naming the line that is none.
    """
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, 1):
                yield _object(line, path, number)
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
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
