"""How likely two titles are one (spec/ingestion §5.5, tier 3; docs/decisions/0009)."""

from dataclasses import dataclass

from shared.matching.facts import Facts
from shared.matching.features import Comparison, Pair, compare
from shared.matching.weights import learned


@dataclass(frozen=True, slots=True)
class Score:
    """A comparison's outcome.

    Attributes:
        value: Probability that the two are one title, 0 to 1.
        features: What each feature says for it or, below 0, against it, in natural log-odds;
            absent where one side knows nothing.
        compared: The levels behind it.
    """

    value: float
    features: dict[str, float]
    compared: Comparison

    @property
    def pair(self) -> Pair:
        """The two title keys that were most alike."""
        return self.compared.pair


def score(left: Facts, right: Facts) -> Score:
    """Compare two titles; a feature that one side does not know is no evidence."""
    return scored(compare(left, right))


def scored(compared: Comparison) -> Score:
    """Return what a comparison comes to."""
    weights = learned()
    features = {
        name: round(weights.levels[name][level], 4) for name, level in compared.levels.items()
    }
    return Score(weights.probability(compared.levels), features, compared)
