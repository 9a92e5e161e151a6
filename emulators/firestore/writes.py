"""Writes: what they make of documents, and when they are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import timestamp_pb2

from emulators.core import errors
from emulators.firestore import checks, fields, names, transforms
from emulators.firestore.messages import Document, WriteResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.methods import Proto
    from emulators.firestore.data import Data
    from emulators.firestore.names import Path

MOST_DOCUMENT_BYTES = 1_048_576
SECOND = 1_000_000


def stamp(time: int) -> Proto:
    """Return a time of microseconds as a Timestamp."""
    return timestamp_pb2.Timestamp(seconds=time // SECOND, nanos=time % SECOND * 1000)


def microseconds(said: Proto) -> int:
    """Return a Timestamp as microseconds."""
    return int(said.seconds) * SECOND + int(said.nanos) // 1000


def target(write: Proto) -> Path:
    """Return the document that a write is about.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    kind = write.WhichOneof("operation")
    if kind == "update":
        return names.document(write.update.name)
    if kind == "delete":
        return names.document(write.delete)
    if kind == "transform":
        return names.document(write.transform.document)
    raise errors.invalid_argument("A write has to update, delete or transform a document.")


def check(write: Proto, root: str) -> None:
    """Refuse a write that no database could do, whatever it holds.

    Args:
        write: A Write.
        root: Of the database.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the document or the field.
    """
    path = target(write)
    if path.root != root:
        raise errors.invalid_argument(f'Document "{path}" is of another database.')
    if write.current_document.update_time.seconds < 0:
        raise errors.invalid_argument("Only timestamps past epoch are supported (update_time).")
    if write.HasField("delete"):
        _check_delete(write)
    elif write.HasField("transform"):
        if not write.transform.field_transforms:
            raise errors.invalid_argument("The list of FieldTransform must not be empty.")
        transforms.check(write.transform.field_transforms)
    else:
        _check_update(write)


def _check_delete(write: Proto) -> None:
    if write.HasField("update_mask"):
        raise errors.invalid_argument("a delete must not specify a document mask (update_mask).")
    if write.update_transforms:
        raise errors.invalid_argument(
            "a delete must not specify a update transform (update_transforms)."
        )


def _check_update(write: Proto) -> None:
    for name, value in write.update.fields.items():
        checks.field_name(name)
        checks.value(value, name, 1)
    for path in write.update_mask.field_paths:
        fields.parse(path)
    transforms.check(write.update_transforms)


class Draft:
    """Documents as a commit leaves them, before it happens; each write sees those before it.

    Args:
        data: What there is.
        time: Of the commit, microseconds.
    """

    def __init__(self, data: Data, time: int) -> None:
        self._data, self._time = data, time
        self.documents: dict[Path, Proto | None] = {}

    def apply(self, write: Proto) -> Proto:
        """Return what a write is answered with that was checked.

        Raises:
            EmulatorError: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS or FAILED_PRECONDITION.
        """
        path = target(write)
        held = self._held(path)
        _meet(write, path, held)
        if write.HasField("delete"):
            return self._delete(path, held)
        made, results = self._made(write, path, held)
        return self._keep(path, held, made, results)

    def _held(self, path: Path) -> Proto | None:
        if path in self.documents:
            return self.documents[path]
        version = self._data.find(path)
        return None if version is None else version.document

    def _delete(self, path: Path, held: Proto | None) -> Proto:
        if held is not None or path in self.documents:
            self.documents[path] = None
        return WriteResult()

    def _made(self, write: Proto, path: Path, held: Proto | None) -> tuple[Proto, list[Proto]]:
        made = Document(name=str(path))
        steps = write.update_transforms
        if write.HasField("transform"):
            steps = write.transform.field_transforms
            if held is not None:
                made.fields.MergeFrom(held.fields)
        else:
            _update(made, write, held)
        return made, [transforms.apply(made, step, self._time) for step in steps]

    def _keep(self, path: Path, held: Proto | None, made: Proto, results: Iterable[Proto]) -> Proto:
        if held is not None and held.fields == made.fields:
            # What changes nothing leaves the time of the last update (Firestore's own behavior).
            self.documents.setdefault(path, held)
            return WriteResult(update_time=held.update_time, transform_results=results)
        now = stamp(self._time)
        made.create_time.CopyFrom(now if held is None else held.create_time)
        made.update_time.CopyFrom(now)
        _check(made)
        self.documents[path] = made
        return WriteResult(update_time=now, transform_results=results)

    def changed(self) -> dict[Path, Proto | None]:
        """Return the documents that are not as they were."""
        found = {}
        for path, made in self.documents.items():
            version = self._data.find(path)
            held = None if version is None else version.document
            if made is not held:
                found[path] = made
        return found


def _meet(write: Proto, path: Path, held: Proto | None) -> None:
    """Refuse a write whose precondition does not hold."""
    condition = write.current_document.WhichOneof("condition_type")
    if condition == "exists":
        if write.current_document.exists and held is None:
            raise errors.not_found(f"No document to update: {path}")
        if not write.current_document.exists and held is not None:
            raise errors.already_exists(f"Document already exists: {path}")
    if condition == "update_time":
        wanted = microseconds(write.current_document.update_time)
        if held is None:
            raise errors.failed_precondition(f"The document does not exist: {path}")
        if microseconds(held.update_time) < wanted:
            raise errors.invalid_argument(f"The required version of {path} is of a later time.")
        if microseconds(held.update_time) > wanted:
            raise errors.failed_precondition(
                f"The stored version of {path} does not match the required base version."
            )


def _update(made: Proto, write: Proto, held: Proto | None) -> None:
    if not write.HasField("update_mask"):
        made.fields.MergeFrom(write.update.fields)
        return
    if held is not None:
        made.fields.MergeFrom(held.fields)
    for path in map(fields.parse, write.update_mask.field_paths):
        value = fields.get(write.update.fields, path)
        if value is None:
            fields.remove(made.fields, path)
        else:
            fields.put(made.fields, path, value)


def _check(document: Proto) -> None:
    size = document.ByteSize()
    if size > MOST_DOCUMENT_BYTES:
        raise errors.invalid_argument(
            f'Document "{document.name}" cannot be written because its size ({size:,} bytes) '
            f"exceeds the maximum allowed size of {MOST_DOCUMENT_BYTES:,} bytes."
        )
