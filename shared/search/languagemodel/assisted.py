"""Understanding by rules, with what a language model said of the same question before."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.search.intent.model import Purpose
from shared.search.intent.tokens import tokens_of
from shared.search.languagemodel.merging import merged
from shared.search.languagemodel.race import Look
from shared.search.query import SearchQuery
from shared.search.understanding.model import Understood
from shared.search.understanding.ports import Names

logger = logging.getLogger(__name__)

FEWEST_WORDS = 3
"""Of a question that a model may add anything to (spec/discovery §5.3)."""


@dataclass(frozen=True)
class Assisted:
    """Understands searches; whatever goes wrong with the model's part leaves the rules' own.

    Attributes:
        understand: By rules.
        readings: Gives the model's reading of a text where there is one; takes microseconds.
        names: The names of the catalog, None while there are none.
    """

    understand: Callable[[SearchQuery], Understood]
    readings: Callable[[str], Look]
    names: Callable[[], Names | None]

    def __call__(self, query: SearchQuery) -> Understood:
        """Return what ``query`` is taken for."""
        asked = self.understand(query)
        if query.verbatim or not leaves_something(asked):
            return asked
        try:
            look = self.readings(asked.searched or asked.original)
            if look.reading is None:
                return replace(asked, pending=look.pending)
            return merged(asked, look.reading, without=query.without, names=self.names())
        except Exception:  # a fault of ours in here leaves the search as the rules read it
            logger.exception("question.not_merged")
            return asked


def leaves_something(asked: Understood) -> bool:
    """Tell whether the rules left a model anything to read.

    They did not with one word or two, with the name of a title, and where every word that tells
    anything was read (spec/discovery §5.3).
    """
    if asked.purpose is Purpose.NAVIGATION or not asked.text or asked.confidence >= 1:
        return False
    return len(tokens_of(asked.original)) >= FEWEST_WORDS
