"""Autocomplete as it is asked for and answered (spec/discovery §3)."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from shared.catalog.item import Region
from shared.kernel import text
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import ANONYMOUS, Principal
from shared.search.filters import Filters, Genre
from shared.search.maturity import RatingLimit
from shared.search.suggest.entries import Kind
from shared.search.suggest.index import Allowed, Suggester, Suggestion
from shared.search.viewers import sight

KEPT = 2048
"""Answers that a process remembers, of the present snapshot only."""
SPARE = 2
"""How many times more are taken from the snapshot than asked for: some may have gone since."""


Typed = Annotated[str, AfterValidator(text.clean), StringConstraints(min_length=2, max_length=100)]


class SuggestParameters(BaseModel):
    """What was typed so far, and what may be suggested.

    Attributes:
        region: Only what can be watched there; none: anywhere.
        content_rating_limit: Titles up to this, unrated ones taken for R.
        blocked_genres: No titles of these.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Typed
    limit: int = Field(default=10, ge=1, le=20)
    region: Region | None = None
    content_rating_limit: RatingLimit | None = None
    blocked_genres: tuple[Genre, ...] = Field(default=(), max_length=22)

    @field_validator("blocked_genres")
    @classmethod
    def _are_canonical(cls, genres: tuple[str, ...]) -> tuple[str, ...]:
        return Filters(genres=genres).genres

    def allowed(self, viewer: Principal) -> Allowed:
        """Return what may be suggested to a viewer."""
        seen = sight(viewer, ceiling=self.content_rating_limit, blocked=self.blocked_genres)
        return Allowed(self.region, seen.rank, frozenset(seen.blocked_genres))


class SuggestionAnswer(BaseModel):
    """One suggestion.

    Attributes:
        text: As it is shown.
        popularity: How likely it is meant, 0 to 1.
        content_id: The title's; null for all else.
        highlight: The text as HTML, what was typed between ``<em>`` and ``</em>``.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    text: str
    type: Kind
    popularity: float = Field(ge=0, le=1)
    content_id: UUID | None
    highlight: str


class SuggestAnswer(BaseModel):
    """Suggestions, the most likely first.

    Attributes:
        query: As it was typed, white space collapsed.
        cached: The snapshot had been asked the same before; titles are checked each time.
        degraded: ``snapshot`` where there is none yet, and only titles with words that begin so
            are suggested; ``database`` where titles were not checked against it.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    query: str
    suggestions: list[SuggestionAnswer]
    cached: bool
    degraded: list[str]


class SuggestedTitles(Protocol):
    """The catalogue, as suggestions ask it."""

    def living(self, ids: Sequence[UUID], allowed: Allowed) -> frozenset[UUID]:
        """Return those of ``ids`` that may be suggested now."""

    def begun(self, typed: str, allowed: Allowed, *, limit: int) -> list[Suggestion]:
        """Return titles with all the typed words, of which the last may be begun only."""


@dataclass(frozen=True)
class Found:
    """What is answered.

    Attributes:
        cached: As `SuggestAnswer.cached`.
        degraded: As `SuggestAnswer.degraded`.
    """

    suggestions: Sequence[Suggestion]
    cached: bool = False
    degraded: tuple[str, ...] = ()


class Recent:
    """The last answers of a snapshot; one process, many threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._lock = kept, Lock()
        self._found: OrderedDict[Hashable, list[Suggestion]] = OrderedDict()

    def get(
        self, key: Hashable, make: Callable[[], list[Suggestion]]
    ) -> tuple[list[Suggestion], bool]:
        """Return what `make` returned for this key, now or before, and whether before."""
        with self._lock:
            known = self._found.get(key)
            if known is not None:
                self._found.move_to_end(key)
                return known, True
        made = make()
        with self._lock:
            self._found[key] = made
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return made, False


@dataclass(frozen=True)
class Dictionary:
    """The snapshot in use."""

    version: str
    suggester: Suggester


def suggestions(
    asked: SuggestParameters,
    dictionary: Dictionary | None,
    titles: SuggestedTitles,
    recent: Recent,
    *,
    viewer: Principal = ANONYMOUS,
) -> Found:
    """Return what may be meant, every title checked against the catalogue as it stands.

    Raises:
        UnavailableError: There is neither a snapshot nor a database.
    """
    allowed, limit = asked.allowed(viewer), asked.limit
    if dictionary is None:
        return Found(titles.begun(asked.q, allowed, limit=limit), degraded=("snapshot",))
    suggester, most = dictionary.suggester, limit * SPARE
    key = (dictionary.version, text.fold(asked.q), most, allowed)
    found, cached = recent.get(key, lambda: suggester.suggest(asked.q, limit=most, allowed=allowed))
    ids = [each.content_id for each in found if each.content_id is not None]
    try:
        living = titles.living(ids, allowed)
    except UnavailableError:
        return Found(found[:limit], cached, ("database",))
    kept = [each for each in found if each.content_id is None or each.content_id in living]
    return Found(kept[:limit], cached)


def suggest_answer(asked: SuggestParameters, found: Found) -> SuggestAnswer:
    """Return the answer's document."""
    shown = [
        SuggestionAnswer(
            text=each.text,
            type=each.kind,
            popularity=each.popularity,
            content_id=each.content_id,
            highlight=each.highlight,
        )
        for each in found.suggestions
    ]
    return SuggestAnswer(
        query=asked.q, suggestions=shown, cached=found.cached, degraded=list(found.degraded)
    )
