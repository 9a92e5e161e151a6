"""Suggestions of a small catalogue."""

from __future__ import annotations

from html import unescape
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.text import fold
from shared.search.suggest.build import build_suggester
from shared.search.suggest.entries import Entry, Kind
from shared.search.suggest.highlight import highlight
from shared.search.suggest.index import Allowed, Suggester
from tests.unit.search.suggest.conftest import ENTRIES

SMALL = build_suggester(ENTRIES)


def texts(suggester: Suggester, typed: str, allowed: Allowed | None = None) -> list[str]:
    found = suggester.suggest(typed, limit=20, allowed=allowed or Allowed())
    return [each.text for each in found]


def test_names_that_begin_so_come_before_names_with_a_word_that_does(
    suggester: Suggester,
) -> None:
    assert texts(suggester, "god") == ["The Godfather", "Godzilla", "City of God"]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("gre", Kind.PERSON),
        ("ger", Kind.PERSON),
        ("hor", Kind.GENRE),
        ("NETF", Kind.PLATFORM),
        ("space t", Kind.KEYWORD),
        ("the go", Kind.TITLE),
    ],
)
def test_every_kind_is_suggested(suggester: Suggester, typed: str, kind: Kind) -> None:
    assert suggester.suggest(typed, limit=1)[0].kind is kind


def test_another_name_leads_to_the_title_under_its_own(suggester: Suggester) -> None:
    assert texts(suggester, "le fabuleux")[0] == "Amélie"


def test_a_name_typed_whole_is_among_few_however_many_begin_so() -> None:
    crowd = [Entry(f"Up {n}", Kind.TITLE, 0.9, content_id=UUID(int=n + 1)) for n in range(90)]
    crowd.append(Entry("Up", Kind.TITLE, 0.86, content_id=UUID(int=99)))
    assert build_suggester(crowd).suggest("up", limit=1)[0].text == "Up"


def test_of_titles_with_one_name_the_first_that_may_be_seen_is_suggested(
    suggester: Suggester,
) -> None:
    (american,) = suggester.suggest("godzi", limit=5)
    (canadian,) = suggester.suggest("godzi", limit=5, allowed=Allowed(region="CA"))
    assert (american.content_id, canadian.content_id) == (UUID(int=2), UUID(int=3))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("gozilla", "Godzilla"), ("godaf", "The Godfather"), ("gerta g", "Greta Gerwig"),
     ("ctiy of", "City of God"), ("goodfather", "The Godfather"), ("amleie", "Amélie"),
     ("netlfix", "Netflix")],
)  # fmt: skip
def test_a_slip_is_forgiven(suggester: Suggester, typed: str, meant: str) -> None:
    assert texts(suggester, typed)[0] == meant


def test_limits_leave_out_titles_above_them_and_unrated_ones(suggester: Suggester) -> None:
    family = Allowed(maturity_rank=1)
    assert texts(suggester, "up", family) == ["Up"]
    assert texts(suggester, "godzilla", family) == []
    assert texts(suggester, "godzilla", Allowed(maturity_rank=3)) == ["Godzilla"]


def test_blocked_genres_are_gone_with_their_titles(suggester: Suggester) -> None:
    blocked = Allowed(blocked_genres=frozenset({"Horror"}))
    assert texts(suggester, "saw", blocked) == []
    assert "Horror" not in texts(suggester, "horr", blocked)


def test_in_an_unknown_region_nothing_that_has_a_place_is_suggested(suggester: Suggester) -> None:
    nowhere = Allowed(region="AQ")
    assert texts(suggester, "netf", nowhere) == []
    assert texts(suggester, "hor", nowhere) == ["Horror"]


ALLOWED = st.builds(
    Allowed,
    region=st.sampled_from([None, "US", "CA", "AQ"]),
    maturity_rank=st.sampled_from([None, 0, 1, 2, 3, 4]),
    blocked_genres=st.sampled_from([frozenset(), frozenset({"Horror"})]),
)


@given(st.text("adefgoprstuwz ", min_size=1, max_size=9), ALLOWED)
def test_nothing_that_is_not_allowed_is_ever_suggested(typed: str, allowed: Allowed) -> None:
    by_id = {entry.content_id: entry for entry in ENTRIES if entry.content_id}
    for each in SMALL.suggest(typed, limit=20, allowed=allowed):
        entry = by_id.get(each.content_id) if each.content_id else None
        if entry is not None:
            assert allowed.region is None or allowed.region in (entry.regions or ())
            rank = 3 if entry.maturity_rank is None else entry.maturity_rank
            assert allowed.maturity_rank is None or rank <= allowed.maturity_rank
            assert not entry.genres & allowed.blocked_genres


@given(st.text(max_size=100), st.integers(1, 20))
def test_any_text_is_answered_with_no_more_than_asked_for(typed: str, limit: int) -> None:
    assert len(SMALL.suggest(typed, limit=limit)) <= limit


def test_an_index_survives_being_arrays(suggester: Suggester) -> None:
    again = Suggester.from_arrays(suggester.arrays(), suggester.about)
    for typed in ("god", "godaf", "up", "le fab", "horr"):
        assert again.suggest(typed, limit=9) == suggester.suggest(typed, limit=9)


def test_arrays_of_another_format_are_refused(suggester: Suggester) -> None:
    with pytest.raises(ValueError, match="format 0"):
        Suggester.from_arrays(suggester.arrays(), {**suggester.about, "format": 0})


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Amélie", "ame", "<em>Amé</em>lie"),
        ("The Lord of the Rings", "lord of the r", "The <em>Lord of the R</em>ings"),
        ("Spider-Man: No Way Home", "man no", "Spider-<em>Man: No</em> Way Home"),
        ("Tom & Jerry", "tom and j", "<em>Tom &amp; J</em>erry"),
        ("Don't Look Up", "dont l", "<em>Don&#x27;t L</em>ook Up"),
        ("<b>", "b", "&lt;<em>b</em>&gt;"),
        ("Heat", "heats", "Heat"),
        ("नमस्ते लंदन", "लं", "नमस्ते <em>लं</em>दन"),
    ],
)
def test_what_was_typed_is_marked_in_the_text(text: str, typed: str, shown: str) -> None:
    assert highlight(text, typed) == shown


@given(st.text(max_size=30), st.text(max_size=8))
def test_a_mark_changes_nothing_but_adds_itself(text: str, typed: str) -> None:
    shown = highlight(text.replace("<", "").replace("&", ""), fold(typed))
    plain = shown.replace("<em>", "").replace("</em>", "")
    assert unescape(plain) == text.replace("<", "").replace("&", "")
