"""Searches as events: told whole, in nobody's words, and judged before they are taken in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidInputError
from shared.kernel.events import Event
from shared.kernel.ids import named
from shared.search.analytics.published import LONGEST_SEALED, performed_event, search_of
from shared.search.filters import Filters
from tests.fakes.searches import NOON, PEOPLE, kept, performed

FULL: dict[str, Any] = {
    "filters": Filters(region=("US",), keywords=("jim",), year_from=1990),
    "degraded": ("vector",),
    "ranking_version": 3,
    "variant": "bold",
    "cache_hit": True,
}


def event(typed: str = "My neighbor Jim", user: str = "ann", **said: Any) -> Event:  # noqa: ANN401 - any field
    return performed_event(kept(performed(typed, user, **said)), "request-1")


@given(typed=st.text(max_size=500), user=st.sampled_from(("", *PEOPLE)), full=st.booleans())
def test_what_is_published_is_what_is_kept(typed: str, user: str, full: bool) -> None:
    search = kept(performed(typed, user, **(FULL if full else {})))
    sent = performed_event(search, "request-1").model_dump_json()

    assert search_of(Event.model_validate_json(sent)) == search


def test_an_event_names_neither_people_nor_what_they_typed() -> None:
    said = event(**FULL).model_dump_json().lower()

    assert "jim" not in said
    assert "neighbor" not in said
    assert '"ann"' not in said


def test_the_event_is_the_search_itself_and_of_no_subject() -> None:
    search = kept(performed("dune", "ann"))
    found = performed_event(search, "request-1")

    assert (found.event_id, found.occurred_at) == (search.search_id, NOON)
    assert (found.event_type, found.subject) == ("search.performed", "")


def test_the_longest_text_has_room() -> None:
    assert len(event("\U0001f600" * 500).data["sealed_text"]) <= LONGEST_SEALED


def test_a_later_publisher_may_say_more() -> None:
    first = event()
    later = first.model_copy(update={"data": {**first.data, "mood": "tense"}})

    assert search_of(later) == search_of(first)


WRONG: list[tuple[str, object]] = [
    ("query_hash", "dune"),
    ("query_hash", "0" * 63 + "G"),
    ("principal_hash", "ann"),
    ("sealed_text", "x" * (LONGEST_SEALED + 1)),
    ("result_count", -1),
    ("result_count", 2**31),
    ("latency_ms", float("nan")),
    ("latency_ms", -0.1),
    ("filters", []),
    ("degraded", "vector"),
    ("ranking_version", -1),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    good = event()
    wrong = good.model_copy(update={"data": {**good.data, field: value}})

    with pytest.raises(InvalidInputError) as refused:
        search_of(wrong)
    assert [issue.field for issue in refused.value.issues] == [field]


def test_an_event_whose_id_says_no_time_is_no_search() -> None:
    with pytest.raises(InvalidInputError, match="event_id"):
        search_of(event().model_copy(update={"event_id": named("x")}))


def test_a_text_of_nobody_is_not_taken() -> None:
    sent = event()
    data = {name: value for name, value in sent.data.items() if name != "principal_hash"}

    assert search_of(sent.model_copy(update={"data": data})).sealed_text == ""
