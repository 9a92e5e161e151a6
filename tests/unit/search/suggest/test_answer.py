"""What is made of a snapshot's suggestions: remembered, and checked against the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.search.suggest.answer import Dictionary, Recent, SuggestParameters, suggestions
from shared.search.suggest.build import build_suggester
from tests.unit.search.suggest.conftest import film

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from shared.search.suggest.index import Allowed, Suggestion


class Living:
    """A catalogue that has lost some of its titles."""

    def __init__(self, *gone: int) -> None:
        self.gone = gone

    def living(self, ids: Sequence[UUID], allowed: Allowed) -> frozenset[UUID]:
        """Return what is not gone."""
        del allowed
        return frozenset(id_ for id_ in ids if id_.int not in self.gone)

    def begun(self, typed: str, allowed: Allowed, *, limit: int) -> list[Suggestion]:
        """Return nothing: the snapshot is asked."""
        del typed, allowed, limit
        return []


@pytest.fixture
def dictionary() -> Dictionary:
    """Four seasons of one name, the first the best known."""
    seasons = [film(n, f"Harbor Nights {n}", 1 - n / 10) for n in range(1, 5)]
    return Dictionary("v1", build_suggester(seasons, ()))


def asked_of(recent: Recent, *keys: str) -> list[str]:
    """Return what had to be made, of these keys asked one after the other."""
    made: list[str] = []

    def make(key: str) -> list[Suggestion]:
        made.append(key)
        return []

    for key in keys:
        recent.get(key, lambda key=key: make(key))  # type: ignore[misc]
    return made


def test_what_nobody_asked_for_longest_is_forgotten_first() -> None:
    assert asked_of(Recent(kept=2), "ha", "he", "ha", "hi", "ha", "he") == ["ha", "he", "hi", "he"]


def test_titles_that_are_gone_make_room_for_as_many_others(dictionary: Dictionary) -> None:
    asked = SuggestParameters(q="harbor", limit=2)
    found = suggestions(asked, dictionary, Living(1, 2), Recent())

    assert [each.text for each in found.suggestions] == ["Harbor Nights 3", "Harbor Nights 4"]


def test_another_snapshot_is_asked_anew(dictionary: Dictionary) -> None:
    asked, recent = SuggestParameters(q="harbor"), Recent()
    newer = Dictionary("v2", dictionary.suggester)
    found = [
        suggestions(asked, one, Living(), recent) for one in (dictionary, dictionary, newer, newer)
    ]

    assert [one.cached for one in found] == [False, True, False, True]
