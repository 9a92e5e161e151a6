"""Writes of one commit to the same document: which may follow which.

Production makes one change of them, so each has to allow what the ones before it leave. Whether the
document is there does not matter: such writes are refused before it is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulators.core import errors
from emulators.firestore.writes import check, microseconds, target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.names import Path


class _Step(NamedTuple):
    """What a write does to a document.

    Attributes:
        verb: What production calls it.
        needs: Whether the document has to be there before; None where either will do.
        version: Microseconds of the version that it has to have, if any.
    """

    verb: str
    needs: bool | None
    version: int | None

    @property
    def leaves(self) -> bool:
        """Whether the document is there after it."""
        return self.verb != "delete"


def check_all(writes: Sequence[Proto], root: str) -> None:
    """Refuse writes that no database could do, each by itself or after one another.

    Args:
        writes: Of one commit, in order.
        root: Of the database.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the document or the field.
    """
    before: dict[Path, _Step] = {}
    for write in writes:
        check(write, root)
        if len(writes) > 1:
            path, step = target(write), _step(write)
            if path in before:
                _follow(before[path], step, path)
                step = step._replace(version=before[path].version)
            before[path] = step


def _step(write: Proto) -> _Step:
    condition = write.current_document.WhichOneof("condition_type")
    needs = write.current_document.exists if condition == "exists" else None
    version = None
    if condition == "update_time":
        needs, version = True, microseconds(write.current_document.update_time)
    if write.HasField("delete"):
        return _Step("delete", needs, version)
    return _Step({None: "upsert", True: "update", False: "insert"}[needs], needs, version)


def _follow(before: _Step, step: _Step, path: Path) -> None:
    is_delete_again = step.version is not None and not step.leaves and not before.leaves
    if step.needs not in {None, before.leaves} and not is_delete_again:
        raise errors.invalid_argument(
            f"Cannot {before.verb} then {step.verb} an entity in the same request: {path}."
        )
    if step.version is not None and step.version != before.version:
        raise errors.invalid_argument(
            f"Cannot collapse mutations with different version preconditions ({before.version} "
            f"and {step.version}): {path}."
        )
