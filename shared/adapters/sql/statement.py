"""SQL from files, and errors of the database in the product's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.kernel.errors import AppError, ConflictError, UnavailableError

RACED = frozenset({"40001", "40P01", "55P03", "23505", "23P01"})
"""SQLSTATEs of two writers in each other's way; a repetition may succeed."""
DOWN_CLASSES = frozenset({"08", "53", "57", "58"})
"""SQLSTATE classes of a server that cannot serve now."""
PROTOCOL_VIOLATION = "08P01"
"""A fault of ours in spite of its class."""


def statement(module_file: str, name: str) -> TextClause:
    """Return the statement in ``{name}.sql`` beside the module; lines of comment stay behind.

    Args:
        module_file: The caller's ``__file__``.
        name: The file's name without its ending.
    """
    return _read(Path(module_file).parent / f"{name}.sql")


@cache
def _read(file: Path) -> TextClause:
    # pg8000 walks through a statement character by character at each call: blanks cost time too.
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return text("\n".join(line for line in lines if line and not line.startswith("--")))


def sqlstate(error: BaseException) -> str:
    """Return the five-character code of a database error, empty where there is none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    first: Any = original.args[0] if original is not None and original.args else None
    return str(first.get("C", "")) if isinstance(first, dict) else ""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn errors of the database inside the block into `AppError`.

    Args:
        what: What was being read or written, for the message.

    Raises:
        ConflictError: Two writers met; trying again may succeed.
        UnavailableError: The database did not answer, or lost the connection.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        known = _known(error, what)
        if known is None:
            raise
        raise known from error


def _known(error: SQLAlchemyError | OSError, what: str) -> AppError | None:
    """Return the situation an error stands for; None for a fault of ours."""
    state = sqlstate(error)
    if state in RACED:
        return ConflictError(f"{what}: somebody else wrote at the same time ({state})")
    if is_down(error):
        return UnavailableError(f"{what}: the database does not answer ({state or 'no reply'})")
    return None


def is_down(error: BaseException) -> bool:
    """Tell whether an error means that the server or the way to it is gone."""
    if isinstance(error, OSError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    if state:
        return state[:2] in DOWN_CLASSES and state != PROTOCOL_VIOLATION
    return error.connection_invalidated or type(error.orig).__name__ == "InterfaceError"
