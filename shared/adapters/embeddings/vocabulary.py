"""The words that the embedding model knows whole: a dictionary of what it was trained on."""

import json
from pathlib import Path

from shared.adapters.embeddings.artifact import TOKENIZER_FILE

SHORTEST = 4
"""Letters; shorter words are never mended."""


def whole_words(folder: Path) -> frozenset[str]:
    """Return the words of a model's folder, lower case; none where there is no such folder.

    Pieces of words, names of two words and whatever has a digit or sign are left out.
    """
    try:
        described = json.loads((folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    words = described["model"]["vocab"]
    return frozenset(word for word in words if len(word) >= SHORTEST and word.isalpha())
