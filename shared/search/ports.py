"""What search needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from shared.catalog.values import OfferType
from shared.search.filters import Filters

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """One title that a retriever found.

    Attributes:
        content_id: The title, a UUID in canonical text form (RFC 9562 §4): text is compared and
            hashed many times faster than the object.
        exact: Its title is what was asked for, letter by letter after folding.
        phrase: Its title has what was asked for word by word, one after the other.
        complete: It has every word that was asked for.
        score: What the retriever gave it, where it holds some titles equal; None where its order
            says everything.
    """

    content_id: str
    exact: bool = False
    phrase: bool = False
    complete: bool = False
    score: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A title that passed every hard filter, with what ranking needs.

    Attributes:
        id: As `Hit.content_id`.
        offer_types: On what terms it can be watched now, in the asked region if any.
        popularity: 0 to 1.
        quality: 0 to 1.
        prior: How likely it is meant before anything is known of the question, 0 to 1: what trends,
            and twice that, who knows it (`shared.search.suggest.entries.title_popularity`).
    """

    id: str
    title: str
    release_year: int | None
    offer_types: frozenset[OfferType]
    popularity: float
    quality: float
    average_rating: float | None
    prior: float = 0.5


@dataclass(frozen=True)
class Card:
    """What a result shows of a title besides what ranked it.

    Attributes:
        platforms: Where it can be watched now, in the asked region where one was asked for.
        images: One of each kind, at addresses of ours (`shared.catalog.hosting`).
    """

    overview: str | None
    content_type: str
    genres: tuple[str, ...]
    platforms: tuple[str, ...]
    maturity_rank: int | None
    images: tuple[dict[str, str | int], ...]


class Taste(Protocol):
    """What one viewer likes."""

    def scores(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Return how much each title is to the viewer's taste, 0 to 1, where that is known.

        Raises:
            UnavailableError: Nobody can tell in time.
        """


@dataclass(frozen=True)
class Seed:
    """A title to start from.

    Attributes:
        content_id: As `Hit.content_id`.
        weight: How much what is found from it counts, above 0, at most 1.
    """

    content_id: str
    weight: float = 1.0


@dataclass(frozen=True)
class Asked:
    """What retrievers are asked.

    Attributes:
        text: Words to look for.
        filters: Hard filters; what fails one may be left out already.
        seeds: Titles that the answer shall be like.
    """

    text: str
    filters: Filters = field(default_factory=Filters)
    seeds: tuple[Seed, ...] = ()


class Embedder(Protocol):
    """Turns text into vectors of unit length."""

    @property
    def model(self) -> str:
        """Name and version; vectors of two models are never compared."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vector:
        """Return one row per text, float32, shape ``(len(texts), dimension)``, in their order."""


class Retriever(Protocol):
    """One way of finding titles."""

    @property
    def name(self) -> str:
        """The source's name in weights, `degraded` and scores."""

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return at most ``limit`` titles, best first."""


class Titles(Protocol):
    """The catalogue, as search reads it."""

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist and pass every hard filter, in any order."""

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return what there is to show of those of ``ids`` that pass every hard filter now."""

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return the most popular titles that pass every hard filter, best first."""


@dataclass(frozen=True)
class Datapoint:
    """A title in the vector index.

    Attributes:
        id: The title's id.
        vector: Shape ``(dimension,)``, unit length.
        restricts: Tokens by namespace, for hard filters.
        numbers: Integers by namespace, for ranges.
    """

    id: str
    vector: Vector
    restricts: dict[str, list[str]]
    numbers: dict[str, int]


class VectorIndex(Protocol):
    """Nearest neighbors among titles."""

    def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Make these points what they are now; 100 a call at most."""

    def remove(self, ids: Sequence[str]) -> None:
        """Take these points out; unknown ones are no error."""

    def nearest(self, vector: Vector, filters: Filters, *, model: str, limit: int) -> Sequence[str]:
        """Return the ids of a model's nearest points that pass the filters, nearest first."""

    def vectors(self, ids: Sequence[str], *, model: str) -> Mapping[str, Vector]:
        """Return the vectors of those of ``ids`` that are points of a model, in one call."""
