"""Whether a full run may end the offers it did not see (spec/ingestion §5.8, §7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from shared.kernel.errors import ConflictError, InvalidInputError, UnavailableError

MOST_ENDED = Fraction(20, 100)
"""Share of live offers beyond which a provider's silence is taken for its fault."""
MOST_SET_ASIDE = Fraction(5, 100)
"""Share of records that may be unreadable in a run that is believed."""
OVERLAP = timedelta(minutes=5)
"""How long before a run's start an offer counts as seen: clocks of two machines differ."""
FULL, PARTS = "catalog", "episodes"
"""Kinds of runs that bring all whole titles, and all seasons and episodes."""


class RunUnfinishedError(UnavailableError):
    """The run is still on its way; ask again later."""

    code = "run-unfinished"


class RunNotWholeError(ConflictError):
    """The run did not bring everything, so what it lacks says nothing."""

    code = "run-not-whole"


class MassDisappearanceError(ConflictError):
    """More offers would end than a catalog loses; a person has to look."""

    code = "mass-disappearance"


@dataclass(frozen=True)
class FullRun:
    """One part of a run, and what became of its records.

    Attributes:
        kind: `FULL`, `PARTS`, or a feed of changes.
        fetched_at: When its last page was in, None before.
        error: Why the rest did not come, None where it did.
    """

    run_id: str
    kind: str
    started_at: datetime
    fetched_at: datetime | None
    error: str | None
    read: int
    resolved: int
    set_aside: int

    @property
    def since(self) -> datetime:
        """From when on an offer counts as seen."""
        return self.started_at - OVERLAP


def require_whole(run: FullRun) -> None:
    """Return where a run brought everything and all of it has arrived.

    Raises:
        InvalidInputError: It brought changes alone.
        RunUnfinishedError: Pages are still being fetched, read or stored.
        RunNotWholeError: It failed, brought nothing, or too much of it was unreadable.
    """
    if run.kind not in {FULL, PARTS}:
        raise InvalidInputError(f"run {run.run_id} brought {run.kind}, not a whole catalog")
    if run.fetched_at is None:
        raise RunUnfinishedError(f"run {run.run_id} is still being fetched")
    if run.error is not None:
        raise RunNotWholeError(f"run {run.run_id} failed: {run.error}")
    waiting = run.read - run.resolved - run.set_aside
    if waiting > 0:
        raise RunUnfinishedError(
            f"run {run.run_id}: {waiting} of {run.read} records are on the way"
        )
    if run.read == 0 or run.set_aside > MOST_SET_ASIDE * run.read:
        raise RunNotWholeError(f"run {run.run_id}: {run.set_aside} of {run.read} were unreadable")


def require_plausible(*, live: int, unseen: int, most: Fraction = MOST_ENDED) -> None:
    """Return where so many of the live offers may end.

    Args:
        live: Offers that play as far as is known.
        unseen: Those among them that the run did not see.
        most: Greatest share that may end.

    Raises:
        MassDisappearanceError: More than that share would.
    """
    if unseen > most * live:
        raise MassDisappearanceError(
            f"{unseen} of {live} offers would end, more than {float(most):.0%}; nothing was ended"
        )
