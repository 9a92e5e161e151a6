"""Configurations of the ranking, as administrators write them."""

from __future__ import annotations

from typing import Any

from shared.search.tuning.model import DEFAULT

WORDS_FIRST = {"vector": 0.2, "graph": 0.15, "keyword": 0.5, "popularity": 0.15}


def change(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a whole configuration with some fields changed."""
    return {**DEFAULT.model_dump(), **fields}


def weights(**changed: float) -> dict[str, float]:
    """Return the weights of sources with some changed."""
    return {**DEFAULT.sources.model_dump(), **changed}
