"""What each level of agreement says for or against two titles being one.

The table is made by `shared.matching.training`; its ``about`` tells how and of what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import orjson

from shared.matching.features import LEVELS

FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """Natural logarithms of odds.

    Attributes:
        prior: That two titles which meet in a block are one, before anything is compared.
        levels: What each level of each feature adds.
    """

    prior: float
    levels: Mapping[str, Mapping[str, float]]

    def probability(self, levels: Mapping[str, str]) -> float:
        """Return how likely two titles that agree so are one, 0 to 1."""
        table = self.levels
        return logistic(self.prior + sum(table[name][level] for name, level in levels.items()))


def logistic(log_odds: float) -> float:
    """Return the probability of log-odds, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1 + odds)


@cache
def learned() -> Weights:
    """Return the table that is shipped."""
    return weights_of(orjson.loads(FILE.read_bytes()))


def weights_of(table: Mapping[str, Any]) -> Weights:
    """Return a table as it is written.

    Raises:
        KeyError: A level is missing.
    """
    kept = {
        name: {level: table["levels"][name][level] for level in LEVELS[name]} for name in LEVELS
    }
    return Weights(table["prior"], kept)
