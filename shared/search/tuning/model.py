"""What of the ranking can be set (spec/discovery §5.4), and what holds where nobody did."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.search.ranking import RankingConfig

OFF_BY = 1e-4
"""How far the weights of sources may be from 1 together."""

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0.001, le=1)]
"""Above 0, since a source that alone answers has to rank by itself."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceWeights(_Part):
    """Weight of each source in fusion; together 1, give or take `OFF_BY`."""

    vector: Weight
    graph: Weight
    keyword: Weight
    popularity: Weight

    @model_validator(mode="after")
    def _make_a_whole(self) -> Self:
        total = math.fsum((self.vector, self.graph, self.keyword, self.popularity))
        if not math.isclose(total, 1, rel_tol=0, abs_tol=OFF_BY + 1e-12):
            raise ValueError(f"the weights make {total:.4f}, not 1")
        return self


class Modifiers(_Part):
    """Factors of the score.

    Attributes:
        quality: ``a`` of the formula.
        freshness: ``b`` of the formula.
        availability: Most that the best offer adds.
        prefix: Factor of a known title that has a title's name word by word, at its beginning or
            not; of a title that nobody knows it is 1.
    """

    quality: Share
    freshness: Share
    availability: Annotated[float, Field(ge=0, le=0.05)]
    prefix: Annotated[float, Field(ge=1, le=2)] = RankingConfig().phrase


class Tuning(_Part):
    """Everything of the ranking that can be set.

    Attributes:
        personal_blend: β, how much a viewer's taste counts.
        mmr_lambda: λ, how much relevance counts against difference; 1 leaves results as they are.
        rrf_k: K of fusion, how much less the second place counts than the first.
    """

    sources: SourceWeights
    modifiers: Modifiers
    personal_blend: Share
    mmr_lambda: Share
    rrf_k: Annotated[int, Field(ge=1, le=1000)]

    def config(self) -> RankingConfig:
        """Return what `shared.search.ranking` takes."""
        return RankingConfig(
            sources=self.sources.model_dump(),
            quality=self.modifiers.quality,
            freshness=self.modifiers.freshness,
            availability=self.modifiers.availability,
            phrase=self.modifiers.prefix,
            personal=self.personal_blend,
            mmr_lambda=self.mmr_lambda,
            rrf_k=self.rrf_k,
        )

    def parts(self) -> "Tuning":
        """Return the tuning alone, of a model that says more."""
        return Tuning.model_validate(self.model_dump(include=set(Tuning.model_fields)))


def _default() -> Tuning:
    usual = RankingConfig()
    return Tuning(
        sources=SourceWeights.model_validate(dict(usual.sources)),
        modifiers=Modifiers(
            quality=usual.quality,
            freshness=usual.freshness,
            availability=usual.availability,
            prefix=usual.phrase,
        ),
        personal_blend=usual.personal,
        mmr_lambda=usual.mmr_lambda,
        rrf_k=usual.rrf_k,
    )


DEFAULT = _default()
"""What holds where nobody set anything."""


@dataclass(frozen=True)
class Tuned:
    """How one search is ranked.

    Attributes:
        version: Of the configuration, 0 where nobody set anything; no two configurations share one.
        variant: The experiment that the caller takes part in; None for everybody else.
    """

    tuning: Tuning = DEFAULT
    version: int = 0
    variant: str | None = None


@dataclass(frozen=True)
class Standing:
    """What is in force now.

    Attributes:
        by_slot: Variants by slot (`shared.search.tuning.traffic`); other slots get the usual.
    """

    usual: Tuned = field(default_factory=Tuned)
    by_slot: Mapping[int, Tuned] = field(default_factory=dict)
