"""Table ``rejected_event``: events that failed five times, and what was rejected at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from shared.adapters.sql.statement import array, statement, translated
from shared.kernel.errors import AppError
from shared.kernel.pages import Window
from shared.kernel.redelivery import KEPT, pauses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.kernel.clock import Clock
    from shared.kernel.events import Event
    from shared.kernel.pages import Position

KEEP = statement(__file__, "keep")
DUE = statement(__file__, "due")
SETTLE = statement(__file__, "settle")
FORGET = statement(__file__, "forget")
WAITING = statement(__file__, "waiting")
REPLAY = statement(__file__, "replay")
NEXT = statement(__file__, "list_next")
BEFORE = statement(__file__, "list_before")
BATCH = 100
PAUSES = array(f"{pause.total_seconds():.0f}s" for pause in pauses())
"""How long to wait after each failure, as PostgreSQL writes it."""
MISSED = timedelta(hours=1)
"""Until a dead letter is tried again that Pub/Sub did not take although it took others."""


@dataclass(frozen=True)
class DeadLetter:
    """An event that one consumer failed at.

    Attributes:
        message_id: Of the dead letter; delivered twice it is one failure.
        payload: The delivery as it came.
    """

    consumer: str
    topic: str
    event_id: str
    message_id: str
    reason: str
    payload: bytes


@dataclass(frozen=True)
class Kept:
    """What becomes of a dead letter that came.

    Attributes:
        redeliveries: How often it was delivered again before.
        next_at: When it is delivered again; None waits for a person.
    """

    redeliveries: int
    next_at: datetime | None


@dataclass(frozen=True)
class Again:
    """A dead letter on its way to the consumer that failed at it."""

    event: Event
    topic: str
    consumer: str


class Sender(Protocol):
    """Sends dead letters to their consumers once more."""

    def send_again(self, letters: Sequence[Again]) -> set[int]:
        """Return which of them were not taken, by their place.

        Raises:
            UnavailableError: None was.
        """


@dataclass
class _Turn:
    """Ids of dead letters by what became of them."""

    sent: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


class DeadLetters:
    """Table ``rejected_event``, as who keeps and redelivers sees it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def keep(self, letter: DeadLetter) -> Kept | None:
        """Keep a dead letter, or note that it failed again; None where this failure is known.

        Raises:
            UnavailableError: The database does not answer.
        """
        given = {**asdict(letter), "now": self._clock.now(), "pauses": PAUSES}
        with translated("rejected_event"), self._engine.begin() as connection:
            row = connection.execute(KEEP(), given).first()
        return None if row is None else Kept(row.redeliveries, row.next_at)

    def redeliver(self, sender: Sender, read: Callable[[bytes], Event]) -> int:
        """Send a batch of dead letters that are due, and return how many were due.

        What cannot be read waits for a person; what Pub/Sub does not take, for `MISSED`.

        Args:
            sender: Sends them.
            read: Returns the event of a delivery's body.

        Raises:
            UnavailableError: Pub/Sub takes nothing, or the database does not answer.
        """
        now = self._clock.now()
        with translated("rejected_event"), self._engine.begin() as connection:
            rows = connection.execute(DUE(), {"now": now, "limit": BATCH}).all()
            turn = _sent(rows, sender, read)
            settled = {name: array(ids) for name, ids in asdict(turn).items()}
            connection.execute(SETTLE(), {**settled, "later": now + MISSED})
        return len(rows)

    def forget(self) -> int:
        """Forget what was kept for 90 days; returns how many."""
        with translated("rejected_event"), self._engine.begin() as connection:
            gone = connection.execute(FORGET(), {"before": self._clock.now() - KEPT})
            return int(gone.rowcount)

    def waiting(self) -> Mapping[str, int]:
        """Return how many dead letters wait for what: ``redelivery`` and ``person``."""
        with translated("rejected_event"), self._engine.connect() as connection:
            return {
                name: int(n) for name, n in connection.execute(WAITING()).mappings().one().items()
            }

    def replay(self, connection: Connection, chosen: Mapping[str, Any]) -> int:
        """Let dead letters be delivered again at the next turn; returns how many.

        Args:
            connection: The caller's transaction.
            chosen: ``status``; ``consumer``, ``topic`` and ``ids`` or None; ``limit``.
        """
        ids = chosen["ids"]
        given = {**chosen, "ids": None if ids is None else array(ids), "now": self._clock.now()}
        return len(connection.execute(REPLAY(), given).all())

    def page(
        self, filters: Mapping[str, Any], asked: Position | None, *, limit: int
    ) -> Window[Mapping[str, Any]]:
        """Return a page, the newest first.

        Args:
            filters: ``status``, ``consumer`` and ``topic``, or None for all.
            asked: Where the page begins; None is the newest.
            limit: Dead letters of a page.
        """
        place = {"sort_key": asked and asked.sort_key, "id": asked and asked.id}
        query = BEFORE if asked and asked.backward else NEXT
        with translated("rejected_event"), self._engine.connect() as connection:
            given = {**filters, **place, "limit": limit + 1}
            found = [dict(row) for row in connection.execute(query(), given).mappings()]
        return Window.cut(
            found,
            limit,
            asked=asked,
            place=lambda row: (row["created_at"].isoformat(), str(row["id"])),
        )


def _sent(rows: Sequence[Any], sender: Sender, read: Callable[[bytes], Event]) -> _Turn:
    turn, letters, places = _Turn(), [], []
    for row in rows:
        try:
            event = read(bytes(row.payload))
        except AppError:
            turn.unreadable.append(row.id)
            continue
        letters.append(Again(event, row.topic or event.event_type, row.consumer))
        places.append(row.id)
    missed = sender.send_again(letters) if letters else set()
    for at, place in enumerate(places):
        (turn.missed if at in missed else turn.sent).append(place)
    return turn
