"""A shelf of titles and sources that answer what they were given, for tests of hybrid search."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from shared.kernel.clock import FixedClock
from shared.search.hybrid import Search
from shared.search.ports import Asked, Candidate, Card, Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.search.filters import Filters


def id_of(number: int) -> str:
    return str(UUID(int=number))


def title(number: int, **traits: Any) -> Candidate:  # noqa: ANN401 - fields of the value
    plain = Candidate(
        id=id_of(number),
        title=f"Title {number:04}",
        release_year=2000,
        offer_types=frozenset(),
        popularity=0.5,
        quality=0.5,
        average_rating=None,
    )
    return replace(plain, **traits)


CARD = Card(
    overview=None, content_type="movie", genres=(), platforms=(), maturity_rank=None, images=()
)
T = TypeVar("T")


@dataclass
class Shelf:
    """`shared.search.ports.Titles` in memory; every title passes."""

    titles: dict[str, Candidate]
    shown: dict[str, Card] | None = None

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist and are not too old."""
        found = [self.titles[one] for one in ids if one in self.titles]
        return [each for each in found if (each.release_year or 0) >= (filters.year_from or 0)]

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return a card of each title, or of those that are still shown."""
        del filters  # every title passes
        shown = dict.fromkeys(ids, CARD) if self.shown is None else self.shown
        return {one: shown[one] for one in ids if one in shown}

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return titles in the order of the shelf."""
        del filters  # every title passes
        return [Hit(one) for one in list(self.titles)[:limit]]


@dataclass
class Source:
    """`shared.search.ports.Retriever` that answers what it was given, or fails."""

    name: str
    hits: Sequence[Hit] = ()
    error: Exception | None = None

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return what was given."""
        del asked  # whatever it is
        if self.error is not None:
            raise self.error
        return self.hits[:limit]


class AtOnce(Executor):
    """Runs work when it is given, except that of the sources that are late."""

    def __init__(self, late: frozenset[str] = frozenset()) -> None:
        self._late = late

    def submit(self, fn: Callable[..., T], /, *args: object, **named: object) -> Future[T]:
        """Return a future that is done, or never will be."""
        future: Future[T] = Future()
        if getattr(args[0], "name", "") in self._late:
            return future
        try:
            future.set_result(fn(*args, **named))
        except Exception as error:  # noqa: BLE001 - an executor hands on whatever was raised
            future.set_exception(error)
        return future


def hits(*numbers: int, exact: int = 0) -> list[Hit]:
    return [Hit(id_of(n), exact=n == exact) for n in numbers]


def search(*sources: Source, late: frozenset[str] = frozenset(), count: int = 9) -> Search:
    shelf = Shelf({id_of(n): title(n) for n in range(1, count + 1)})
    return Search(sources, shelf, AtOnce(late), FixedClock(), budget_seconds=0.01)
