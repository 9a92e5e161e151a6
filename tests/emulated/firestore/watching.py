"""A listener to several queries, and what it was told: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from tests.emulated.firestore.model import answer
from tests.emulated.firestore.playing import asked, fields, micros, name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.emulated.firestore.model import Fields, Model
    from tests.emulated.firestore.wire import Wire

NO_CHANGE, ADD, REMOVE, CURRENT, RESET = range(5)
SECONDS = 10
View = dict[str, "Fields"]


class Watching:
    """Queries that are listened to on one stream, each with what its client has.

    Args:
        wire: To an emulator.
        queries: Targets 1, 2 and so on.
    """

    def __init__(self, wire: Wire, queries: Sequence[Mapping[str, Any]]) -> None:
        self._wire = wire
        self._queries = dict(enumerate(queries, 1))
        self._views: dict[int, View] = {target: {} for target in self._queries}
        self._current: set[int] = set()
        self._token = ""
        self.snapshots: list[tuple[int, dict[int, View]]] = []

    async def begin(self) -> None:
        """Listen to every query, from where it was left the last time."""
        where = {"resumeToken": self._token} if self._token else {}
        self._current.clear()
        self._call = await self._wire.stream(
            "Listen",
            *(
                {"database": "$R", "addTarget": {"targetId": each, "query": asked(said), **where}}
                for each, said in self._queries.items()
            ),
        )
        self._reading = asyncio.create_task(self._read())

    async def end(self) -> None:
        """Leave."""
        self._reading.cancel()
        self._call.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            self._told(await self._call.read())

    def _told(self, event: Any) -> None:  # noqa: ANN401 - a message
        kind = event.WhichOneof("response_type")
        said = getattr(event, kind)
        if kind == "target_change":
            self._changed(said)
        elif kind == "filter":
            assert said.count == len(self._views[said.target_id])
        elif kind == "document_change":
            path, held = name(said.document), fields(said.document.fields)
            for target in said.target_ids:
                assert self._views[target].get(path) != held, f"{path} was told twice"
                self._views[target][path] = held
            self._gone(path, said.removed_target_ids)
        else:
            self._gone(said.document.partition("/documents/")[2], said.removed_target_ids)

    def _gone(self, path: str, targets: Sequence[int]) -> None:
        for target in targets:
            del self._views[target][path]

    def _changed(self, said: Any) -> None:  # noqa: ANN401 - a message
        kind, targets = said.target_change_type, said.target_ids or self._queries
        assert kind != REMOVE, said
        if kind == RESET:
            for target in targets:
                self._views[target].clear()
        if kind == CURRENT:
            self._current.update(targets)
        if said.resume_token:
            self._token = b64encode(said.resume_token).decode()
        whole = kind == NO_CHANGE and not said.target_ids
        if whole and self._current == self._queries.keys():
            held = {target: dict(view) for target, view in self._views.items()}
            self.snapshots.append((micros(said.read_time), held))

    async def arrive(self, model: Model) -> None:
        """Return when the client has what the model has; an error where it never does."""
        async with asyncio.timeout(SECONDS):
            while not self.snapshots or self.snapshots[-1][1] != self._answers(model, None):
                if self._reading.done():
                    self._reading.result()
                await asyncio.sleep(0.001)

    def check(self, model: Model) -> None:
        """Compare every snapshot with what there was at its time."""
        for time, views in self.snapshots:
            assert views == self._answers(model, time)

    def _answers(self, model: Model, time: int | None) -> dict[int, View]:
        documents = model.documents if time is None else model.at(time)
        return {
            target: {each.path: each.fields for each in answer(query, documents)}
            for target, query in self._queries.items()
        }
