"""A corpus for suggestions: what its rows say, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shared.search.suggest.corpus import read_corpus

if TYPE_CHECKING:
    from pathlib import Path


def test_lists_that_other_files_write_as_they_please_give_what_is_text(tmp_path: Path) -> None:
    row = {"title": "Heat", "alt_titles": ["Fever", 7, None], "cast": "Al Pacino", "genres": [{}]}
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps(row) + "\n")

    (known,) = read_corpus(path)

    assert known.names == ("Heat", "Fever")
    assert known.people == known.genres == frozenset()
