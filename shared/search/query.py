"""What a viewer asks for, validated."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.kernel import text
from shared.search.filters import Filters

MAX_CANDIDATES = 1000
"""Where ranked search ends (spec/discovery §3)."""


class Sort(StrEnum):
    """How an answer is ordered."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    HIGHEST_RATED = "highest_rated"
    LOWEST_RATED = "lowest_rated"
    MOST_POPULAR = "most_popular"
    ALPHABETICAL = "alphabetical"
    REVERSE_ALPHABETICAL = "reverse_alphabetical"


class Strategy(StrEnum):
    """Which retrievers are asked."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    KEYWORD = "keyword"
    GRAPH = "graph"


Words = Annotated[str, StringConstraints(max_length=500)]
ChipId = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Chips = Annotated[tuple[ChipId, ...], Field(max_length=100)]


class SearchQuery(BaseModel):
    """One search, as the body of a POST.

    Attributes:
        query: Free text; empty asks for what is popular.
        page: From 1. A page past the end is empty.
        explain: Show how each score came about.
        verbatim: Search the words as they stand: nothing is corrected, and nothing read from them.
        without: Ids of chips that a viewer took away: what they say is not read.
        facets: Count what could be chosen instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: Words = ""
    filters: Filters = Filters()
    page: int = Field(default=1, ge=1, le=MAX_CANDIDATES)
    page_size: int = Field(default=20, ge=1, le=100)
    sort: Sort = Sort.RELEVANCE
    strategy: Strategy = Strategy.HYBRID
    explain: bool = False
    verbatim: bool = False
    without: Chips = ()
    facets: bool = False

    @property
    def text(self) -> str:
        """The query as it is compared: NFC, no control characters, white space collapsed."""
        return text.clean(self.query)

    @property
    def depth(self) -> int:
        """How many results are needed to fill this page."""
        return min(self.page * self.page_size, MAX_CANDIDATES)


class SearchParameters(Filters):
    """One search, as the parameters of a GET: the filters stand beside the rest."""

    q: Words = ""
    page: int = Field(default=1, ge=1, le=MAX_CANDIDATES)
    page_size: int = Field(default=20, ge=1, le=100)
    sort: Sort = Sort.RELEVANCE
    strategy: Strategy = Strategy.HYBRID
    explain: bool = False
    verbatim: bool = False
    without: Chips = ()
    facets: bool = False

    def to_query(self) -> SearchQuery:
        """Return the same search in the form of a POST."""
        given: dict[str, Any] = self.model_dump(exclude={"q"})
        filters = {name: given.pop(name) for name in Filters.model_fields}
        return SearchQuery(query=self.q, filters=Filters(**filters), **given)
