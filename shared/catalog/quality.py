"""How complete and how fresh the record of a title is (spec/ingestion §5.7)."""

import math
from dataclasses import dataclass

WEIGHTS = {
    "description": 0.15,
    "poster": 0.15,
    "backdrop": 0.10,
    "year": 0.05,
    "runtime": 0.05,
    "genres": 0.10,
    "user_rating": 0.15,
    "external_ids": 0.10,
}
"""Weight of each field; they sum to .85, the rest is freshness."""

COMPLETENESS_SHARE = 0.85
FRESHNESS_SHARE = 0.15
DECAY_PER_DAY = 0.01
FLOOR = 0.5
MIN_DESCRIPTION = 50
MIN_POSTER_WIDTH = 342
MIN_VOTES = 10


@dataclass(frozen=True)
class Completeness:
    """What a record holds, as far as quality asks.

    Attributes:
        description_length: Characters of the overview.
        poster_width: Of the widest poster, pixels; 0 for none.
        has_runtime: None for a series, which is judged by its other fields.
        vote_count: None where the source gives a rating without a count.
    """

    description_length: int
    poster_width: int
    has_backdrop: bool
    has_year: bool
    has_runtime: bool | None
    genres: int
    has_rating: bool
    vote_count: int | None
    external_ids: int

    def present(self) -> dict[str, float]:
        """Return each field's share of presence, 0 to 1; a field that cannot be is left out."""
        rated = self.has_rating and (self.vote_count is None or self.vote_count >= MIN_VOTES)
        found = {
            "description": float(self.description_length >= MIN_DESCRIPTION),
            "poster": float(self.poster_width >= MIN_POSTER_WIDTH),
            "backdrop": float(self.has_backdrop),
            "year": float(self.has_year),
            "genres": float(self.genres >= 1),
            "user_rating": float(rated),
            # One id is half of what makes a title findable elsewhere.
            "external_ids": min(1.0, self.external_ids / 2),
        }
        if self.has_runtime is not None:
            found["runtime"] = float(self.has_runtime)
        return found


def quality(record: Completeness, *, days_since_checked: float) -> float:
    """Return ``Q = .85·C + .15·exp(-.01·d)``, never under half of what it was when fresh.

    Args:
        record: What the record holds; C is the weighted share of what is present, 0 to 1.
        days_since_checked: d, days since a provider last confirmed the record, at least 0.
    """
    present = record.present()
    total = sum(WEIGHTS[name] for name in present)
    completeness = sum(WEIGHTS[name] * share for name, share in present.items()) / total
    base = COMPLETENESS_SHARE * completeness
    score = base + FRESHNESS_SHARE * math.exp(-DECAY_PER_DAY * days_since_checked)
    return max(score, FLOOR * (base + FRESHNESS_SHARE))
