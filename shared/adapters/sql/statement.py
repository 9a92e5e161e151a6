"""SQL from files, and errors of the database in the product's words.

SQLAlchemy is imported with the first statement: 130 ms that no process pays before it needs them.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.kernel.errors import AppError, ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import TextClause

RACED = frozenset({"40001", "40P01", "55P03", "23505", "23P01"})
"""SQLSTATEs of two writers in each other's way; a repetition may succeed."""
DOWN_CLASSES = frozenset({"08", "53", "57", "58"})
"""SQLSTATE classes of a server that cannot serve now."""
PROTOCOL_VIOLATION = "08P01"
"""A fault of ours in spite of its class."""


def statement(module_file: str, name: str, *parts: str) -> Callable[[], TextClause]:
    """Return what gives the statement in ``{name}.sql`` beside the module, read when first asked.

    Args:
        module_file: The caller's ``__file__``.
        name: The file's name without its ending.
        parts: Further files beside it; each takes the place of its name as a comment in the first.
    """
    return partial(_read, Path(module_file).parent, name, parts)


@cache
def _read(folder: Path, name: str, parts: tuple[str, ...]) -> TextClause:
    from sqlalchemy import text  # noqa: PLC0415 - see the module's first lines

    written = _without_comments(folder / f"{name}.sql")
    for part in parts:
        written = written.replace(f"/* {part} */", _without_comments(folder / f"{part}.sql"))
    return text(written)


def _without_comments(file: Path) -> str:
    # pg8000 walks through a statement character by character at each call: blanks cost time too.
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("--"))


def array(values: Iterable[object]) -> str:
    """Return ids, names or numbers as PostgreSQL writes an array: the driver would look at each."""
    return f"{{{','.join(map(str, values))}}}"


def sqlstate(error: BaseException) -> str:
    """Return the five-character code of a database error, empty where there is none."""
    original = getattr(error, "orig", error)
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
    except Exception as error:
        known = _known(error, what)
        if known is None:
            raise
        raise known from error


def _known(error: Exception, what: str) -> AppError | None:
    """Return the situation an error stands for; None for a fault of ours."""
    from pg8000.exceptions import Error as DriverError  # noqa: PLC0415 - as late as SQLAlchemy
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - see the module's first lines

    if not isinstance(error, SQLAlchemyError | DriverError | OSError):
        return None
    state = sqlstate(error)
    if state in RACED:
        return ConflictError(f"{what}: somebody else wrote at the same time ({state})")
    if is_down(error):
        return UnavailableError(f"{what}: the database does not answer ({state or 'no reply'})")
    return None


def is_down(error: BaseException) -> bool:
    """Tell whether an error means that the server or the way to it is gone."""
    from pg8000.exceptions import InterfaceError  # noqa: PLC0415 - see the module's first lines
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - likewise
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError  # noqa: PLC0415 - likewise

    if isinstance(error, OSError | PoolTimeoutError):
        return True
    state = sqlstate(error)
    if state:
        return state[:2] in DOWN_CLASSES and state != PROTOCOL_VIOLATION
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(getattr(error, "orig", error), InterfaceError)
