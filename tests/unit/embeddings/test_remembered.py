"""Vectors that are kept: the same as computed, and none computed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from shared.adapters.embeddings.remembered import RememberedVectors
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.search.ports import Vector


class Counting(WordsEmbedder):
    """An embedder that counts what it is asked."""

    def __init__(self, model: str = "words@1") -> None:
        self.model = model
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vector:
        """Note and embed."""
        self.asked += texts
        return super().embed(texts, kind)


def test_what_was_kept_is_not_computed_again(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    remembered = RememberedVectors(first, tmp_path / "kept")
    before = remembered.embed(["heat", "ronin", "heat"], "document")
    remembered.keep()

    after = RememberedVectors(second, tmp_path / "kept").embed(["ronin", "thief"], "document")

    assert first.asked == ["heat", "ronin"]
    assert second.asked == ["thief"]
    assert np.array_equal(after[0], before[1])
    assert np.array_equal(before, WordsEmbedder().embed(["heat", "ronin", "heat"], "document"))


def test_another_model_begins_anew(tmp_path: Path) -> None:
    remembered = RememberedVectors(Counting(), tmp_path)
    remembered.embed(["heat"], "document")
    remembered.keep()

    newer = Counting("words@2")
    RememberedVectors(newer, tmp_path).embed(["heat"], "document")

    assert newer.asked == ["heat"]
