"""The Write stream: the first request opens or resumes it, each further one is a commit.

A token is the number of the answer that carries it. The one that a client sends back says what it
has received; answers behind it are kept, and repeated to a client that resumes the stream.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore.messages import WriteResponse
from emulators.firestore.writes import stamp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    from emulators.core.methods import Proto
    from emulators.firestore.store import Database, Store

MOST_STREAMS = 1000
"""How many streams can be resumed; those that were used last stay."""
MOST_UNACKNOWLEDGED = 1000
_TOKEN_BYTES = 8


@dataclass(eq=False)
class Stream:
    """One stream, whichever connection it goes over.

    Attributes:
        token: Number of the last answer.
        acknowledged: Number of the last answer that the client said it has.
        kept: Answers behind that one.
        busy: Held while a request is under way.
        connection: Counts those that took it up; an older one may not go on.
    """

    id: str
    database: Database
    token: int = 1
    acknowledged: int = 0
    kept: deque[Proto] = field(default_factory=deque)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: int = 0

    def acknowledge(self, said: bytes) -> None:
        """Forget the answers that a client has.

        Raises:
            EmulatorError: INVALID_ARGUMENT: no token that may still be used.
        """
        token = int.from_bytes(said, "big")
        if len(said) != _TOKEN_BYTES or not self.acknowledged <= token <= self.token:
            raise errors.invalid_argument(
                "stream_token is none that this stream gave, or an earlier one than was sent back."
            )
        self.acknowledged = token
        while self.kept and int.from_bytes(self.kept[0].stream_token, "big") <= token:
            self.kept.popleft()

    def answer(self, results: Iterable[Proto], time: int) -> Proto:
        """Return the answer to a commit, which is kept until the client says that it has it."""
        self.token += 1
        made = WriteResponse(
            stream_token=_token(self.token), write_results=results, commit_time=stamp(time)
        )
        self.kept.append(made)
        return made


class Writing:
    """Every Write stream.

    Args:
        store: Every database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: dict[str, Stream] = {}

    async def answers(self, requests: AsyncIterator[Proto]) -> AsyncGenerator[Proto, None]:
        """Yield what became of each request."""
        stream, connection = None, 0
        async for request in requests:
            if stream is None:
                stream = self._opened(request)
                connection = stream.connection
                async with stream.busy:
                    first = list(_first(stream, request))
                for answer in first:
                    yield answer
                continue
            async with stream.busy:
                if stream.connection != connection:
                    raise errors.aborted(f"Stream {stream.id} was resumed by another call.")
                answer = await self._written(stream, request)
            yield answer

    async def _written(self, stream: Stream, request: Proto) -> Proto:
        stream.acknowledge(request.stream_token)
        if len(stream.kept) >= MOST_UNACKNOWLEDGED:
            raise errors.resource_exhausted(
                f"{MOST_UNACKNOWLEDGED} answers of the stream are not acknowledged by stream_token."
            )
        results, time = await stream.database.commit(request.writes)
        # Before anything else is waited for: what was done is known to whoever resumes.
        answer = stream.answer(results, time)
        await self._store.commit()
        return answer

    def _opened(self, request: Proto) -> Stream:
        if request.writes:
            raise errors.invalid_argument("The first request of a stream has no writes.")
        database = self._store.database(request.database)
        if request.stream_id:
            stream = self._found(request.stream_id, database)
        elif request.stream_token:
            raise errors.invalid_argument("stream_token needs the stream_id that is to be resumed.")
        else:
            stream = Stream(self._store.random_bytes(8).hex(), database)
        self._streams[stream.id] = stream  # behind all others, see _found
        while len(self._streams) > MOST_STREAMS:
            del self._streams[next(iter(self._streams))]
        stream.connection += 1
        return stream

    def _found(self, stream_id: str, database: Database) -> Stream:
        stream = self._streams.pop(stream_id, None)
        if stream is None:
            raise errors.not_found(f"stream_id {stream_id} is of no stream that can be resumed.")
        if stream.database is not database:
            self._streams[stream_id] = stream
            raise errors.invalid_argument(f"stream_id {stream_id} is of another database.")
        return stream


def _first(stream: Stream, request: Proto) -> Iterable[Proto]:
    if not request.stream_id:
        yield WriteResponse(stream_id=stream.id, stream_token=_token(stream.token))
        return
    if request.stream_token:
        stream.acknowledge(request.stream_token)
    yield WriteResponse(stream_token=_token(max(1, stream.acknowledged)))
    yield from stream.kept


def _token(number: int) -> bytes:
    return number.to_bytes(_TOKEN_BYTES, "big")
