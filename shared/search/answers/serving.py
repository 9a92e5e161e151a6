"""A search as a caller asks it: ranked as is set for them, answered from what is kept if it can."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.search.answer import search_answer
from shared.search.answers.kept import KeptAnswers
from shared.search.answers.parts import PENDING, Parts
from shared.search.answers.question import Question
from shared.search.hybrid import Search
from shared.search.ports import Taste
from shared.search.query import SearchQuery
from shared.search.tuning.model import Tuned
from shared.search.tuning.tunings import Tunings

_NO_ID = UUID(int=0)
"""Stands where every request has an id of its own."""


def nobodys(viewer: str) -> None:
    """Know nobody's taste: there is no recommender yet."""
    del viewer


@dataclass(frozen=True)
class Served:
    """The answer to one request.

    Attributes:
        cached: This request did not have to search.
        tuned: How it is ranked.
    """

    parts: Parts
    cached: bool
    tuned: Tuned

    def body(self, search_id: UUID, milliseconds: float) -> bytes:
        """Return the whole answer, as JSON; it names the experiment that the caller takes part in.

        Args:
            search_id: Of this request.
            milliseconds: How long it took.
        """
        variant = self.tuned.variant
        more = {} if variant is None else {"experiment_variant": variant}
        return self.parts.answered(search_id, milliseconds, **more)


@dataclass(frozen=True)
class ServedAnswers:
    """Answers to searches.

    Attributes:
        search: Gives the search of this process; it is ranked anew for every question.
        tunings: Says how.
        kept: Answers that are nobody's own.
        catalog: Says what is searched now, another text with every change that answers shall show;
            empty where that is not known, and then nothing is kept.
        taste: Gives what a viewer likes, by their id; None where nobody knows.
    """

    search: Callable[[], Search]
    tunings: Tunings
    kept: KeptAnswers
    catalog: Callable[[], str]
    taste: Callable[[str], Taste | None] = nobodys

    def __call__(self, query: SearchQuery, *, principal: str = "") -> Served:
        """Answer ``query``.

        Args:
            query: With the limits of the viewer's profile among its filters.
            principal: The viewer's id, empty for nobody.

        An answer in which the viewer's taste counts is not kept, nor is a kept one given.

        Raises:
            UnavailableError: No retriever answered, or the catalogue cannot be read.
        """
        tuned, catalog = self.tunings.of(principal), self.catalog()
        question = Question(query, tuned, catalog, anonymous=not principal)
        taste = self.taste(principal) if principal and tuned.tuning.personal_blend else None
        shared = question if catalog and taste is None else None
        given = self.kept.answer(shared, lambda: self._searched(query, tuned, taste))
        return Served(given.parts, given.cached, tuned)

    def _searched(self, query: SearchQuery, tuned: Tuned, taste: Taste | None) -> Mapping[str, Any]:
        search = replace(self.search(), config=tuned.tuning.config(), taste=taste)
        found = search(query)
        answer = search_answer(query, found, search_id=_NO_ID, milliseconds=0.0)
        return {**answer, PENDING: found.understood.pending}
