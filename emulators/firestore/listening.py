"""Listen: targets of one stream, and what each commit means to them.

    add target ─▶ ADD, its documents, CURRENT with a token, NO_CHANGE      a snapshot is complete
    a commit   ─▶ what changed of any target, NO_CHANGE with a token       the next one is

A token is the time it stands for. Resumed within the hour that versions are kept, a target gets
what changed since, and the count of its documents; later, RESET and all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import names
from emulators.firestore.data import KEPT
from emulators.firestore.messages import (
    DocumentChange,
    DocumentDelete,
    DocumentRemove,
    ExistenceFilter,
    ListenResponse,
    TargetChange,
)
from emulators.firestore.queries.query import Query
from emulators.firestore.writes import microseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.core.methods import Proto
    from emulators.firestore.data import Change, Version
    from emulators.firestore.names import Path
    from emulators.firestore.store import Database

NO_CHANGE, ADD, REMOVE, CURRENT, RESET = 0, 1, 2, 3, 4
_TOKEN_BYTES = 8


@dataclass
class Target:
    """What somebody listens to.

    Attributes:
        id: The client's number for it.
        query: Asks for its documents; None where they are named.
        paths: Of the documents that are named.
        known: Documents that the client has.
        time: Of what the client has; commits up to it are known.
        once: It ends when it is complete.
    """

    id: int
    query: Query | None
    paths: frozenset[Path] = frozenset()
    known: dict[Path, Version] = field(default_factory=dict)
    once: bool = False
    time: int = 0

    def results(self, database: Database, at: int | None = None) -> dict[Path, Version]:
        """Return its documents as they are, or were at a time."""
        if self.query is not None:
            return {version.path: version for version in self.query.run(database.data, at)}
        found = (database.data.find(path, at) for path in sorted(self.paths))
        return {version.path: version for version in found if version is not None}

    def after(
        self, database: Database, time: int, changes: Iterable[Change]
    ) -> dict[Path, Version]:
        """Return its documents after a commit, whatever was committed since."""
        if time <= self.time:
            return self.known
        if self.query is None:
            touched = any(change.after.path in self.paths for change in changes)
            return self.results(database, time) if touched else self.known
        covered = [change for change in changes if self.query.covers(change.after.path)]
        if not covered:
            return self.known
        if self.query.limit is not None or self.query.said.offset:
            return self.results(database, time)
        found = dict(self.known)
        for change in covered:
            found.pop(change.after.path, None)
            if change.after.document is not None and self.query.has(change.after):
                found[change.after.path] = change.after
        return found


class Listener:
    """The targets of one stream.

    Args:
        database: Whose documents.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._targets: dict[int, Target] = {}
        self._given = 0

    def add(self, said: Proto) -> Iterator[Proto]:
        """Yield what a client is told that listens to something new.

        Raises:
            EmulatorError: INVALID_ARGUMENT: the target's number is in use.
        """
        target_id = said.target_id or self._new_id()
        if target_id in self._targets:
            raise errors.invalid_argument(f"Target {target_id} is in use on this stream.")
        try:
            target = _target(said, target_id)
            if target.query is not None and self._database.planner is not None:
                self._database.planner.check(target.query)
            yield _target_change(ADD, [target_id])
            yield from self._first(target, said)
        except errors.EmulatorError as error:
            yield _refused(target_id, error)

    def _first(self, target: Target, said: Proto) -> Iterator[Proto]:
        database, now = self._database, self._database.now()
        since = _since(said)
        if since is not None and since >= now - KEPT:
            target.known = target.results(database, min(since, now))
        elif since is not None:
            yield _target_change(RESET, [target.id])
        found = target.results(database)
        gone = target.paths - found.keys() if since is None else frozenset()
        yield from self._told([(target, found, gone)], now)
        target.known, target.time = found, now
        if since is not None:
            yield ListenResponse(filter=ExistenceFilter(target_id=target.id, count=len(found)))
        yield _target_change(CURRENT, [target.id], now)
        yield _target_change(NO_CHANGE, [], now)
        if target.once:
            yield _target_change(REMOVE, [target.id], now)
        else:
            self._targets[target.id] = target

    def remove(self, target_id: int) -> Iterator[Proto]:
        """Yield what a client is told that listens to something no more."""
        self._targets.pop(target_id, None)
        yield _target_change(REMOVE, [target_id])

    def committed(self, time: int, changes: list[Change]) -> Iterator[Proto]:
        """Yield what a commit means to the client, nothing where it means nothing."""
        said = []
        for target in self._targets.values():
            found = target.after(self._database, time, changes)
            if found is not target.known:
                said.append((target, found, frozenset[names.Path]()))
        told = list(self._told(said, time))
        for target, found, _ in said:
            target.known = found
        if told:
            yield from told
            yield _target_change(NO_CHANGE, [], time)

    def _told(
        self, said: Iterable[tuple[Target, dict[Path, Version], frozenset[Path]]], time: int
    ) -> Iterator[Proto]:
        """Yield what targets find and did not know, and what is gone; once for a document."""
        shown: dict[Path, tuple[Version, list[int]]] = {}
        hidden: dict[Path, list[int]] = {}
        for target, found, gone in said:
            for path, version in found.items():
                if target.known.get(path) is not version:
                    shown.setdefault(path, (version, []))[1].append(target.id)
            for path in (target.known.keys() - found.keys()) | gone:
                hidden.setdefault(path, []).append(target.id)
        for path, (version, targets) in shown.items():
            change = DocumentChange(document=version.document, target_ids=targets)
            change.removed_target_ids.extend(hidden.pop(path, ()))
            yield ListenResponse(document_change=change)
        for path, targets in hidden.items():
            there = self._database.data.find(path, time) is not None
            yield _hidden(path, targets, time, there=there)

    def _new_id(self) -> int:
        self._given += 1
        while self._given in self._targets:
            self._given += 1
        return self._given


def _hidden(path: Path, targets: list[int], time: int, *, there: bool) -> Proto:
    """Return what is told of a document that is no result any more, or is not there."""
    facts = {"document": str(path), "removed_target_ids": targets, "read_time": stamp(time)}
    if there:
        return ListenResponse(document_remove=DocumentRemove(**facts))
    return ListenResponse(document_delete=DocumentDelete(**facts))


def _target(said: Proto, target_id: int) -> Target:
    kind = said.WhichOneof("target_type")
    if kind == "documents":
        paths = frozenset(map(names.document, said.documents.documents))
        if not paths:
            raise errors.invalid_argument("A target of documents names none.")
        return Target(target_id, None, paths, once=said.once)
    if kind != "query":
        raise errors.invalid_argument("A target is of a query, or of documents.")
    if not said.query.HasField("structured_query"):
        raise errors.invalid_argument("only structured queries are supported")
    if said.query.structured_query.HasField("find_nearest"):
        raise errors.invalid_argument("find_nearest is not supported in listeners.")
    query = Query(names.parent(said.query.parent), said.query.structured_query)
    return Target(target_id, query, once=said.once)


def _since(said: Proto) -> int | None:
    kind = said.WhichOneof("resume_type")
    if kind == "read_time":
        return microseconds(said.read_time)
    if kind != "resume_token":
        return None
    if len(said.resume_token) != _TOKEN_BYTES:
        return 0  # no token of ours: everything anew
    return int.from_bytes(said.resume_token, "big")


def _target_change(kind: int, targets: Iterable[int], time: int | None = None) -> Proto:
    change = TargetChange(target_change_type=kind, target_ids=targets)
    if time is not None:
        change.read_time.CopyFrom(stamp(time))
        change.resume_token = time.to_bytes(_TOKEN_BYTES, "big")
    return ListenResponse(target_change=change)


def _refused(target_id: int, error: errors.EmulatorError) -> Proto:
    change = TargetChange(
        target_change_type=REMOVE, target_ids=[target_id], cause=errors.to_status(error)
    )
    return ListenResponse(target_change=change)
