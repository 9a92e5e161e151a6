"""The words that an embedding model knows whole."""

import json
from pathlib import Path

from shared.adapters.embeddings.vocabulary import whole_words


def test_whole_words_are_read_and_pieces_are_not(tmp_path: Path) -> None:
    vocab = {"[CLS]": 0, "##ing": 1, "cooking": 2, "the": 3, "1917": 4, "starred": 5}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocab}}))

    assert whole_words(tmp_path) == {"cooking", "starred"}


def test_where_there_is_no_model_there_are_no_words(tmp_path: Path) -> None:
    assert whole_words(tmp_path) == frozenset()
