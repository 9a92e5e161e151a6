"""Which of two titles is kept, which listings leave one, and which fields go with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.lifecycle import (
    Living,
    chosen_listings,
    merged_events,
    older_first,
    parted_events,
    sides,
)
from shared.kernel.errors import InvalidInputError

THEN = datetime(2026, 1, 1, tzinfo=UTC)
HEAT, RONIN = UUID(int=1), UUID(int=2)
LISTINGS = [("netflix", "60"), ("netflix", "61"), ("hulu", "60")]
SOURCES = st.sampled_from(["tmdb", "watchmode", "generic", "manual"])
OWNERS = st.dictionaries(st.sampled_from(["title", "overview", "genres", "people"]), SOURCES)


@pytest.mark.parametrize(("later", "kept"), [(HEAT, RONIN), (RONIN, HEAT)])
def test_the_older_title_is_kept_whichever_is_named_first(later: UUID, kept: UUID) -> None:
    ages = {later: THEN + timedelta(1), kept: THEN}
    one, other = (Living(content_id, at) for content_id, at in ages.items())

    assert older_first(one, other) == older_first(other, one) == (other, one)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["hulu"], {("hulu", "60")}),
        (["netflix"], {("netflix", "60"), ("netflix", "61")}),
        (["netflix:61"], {("netflix", "61")}),
        (["netflix:61", "hulu"], {("netflix", "61"), ("hulu", "60")}),
    ],
)
def test_listings_are_chosen_by_platform_or_one_by_one(
    asked: list[str], expected: set[tuple[str, str]]
) -> None:
    assert chosen_listings(asked, LISTINGS) == expected


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (["hulu", "peacock"], "platform_ids.1"),
        (["netflix:62"], "platform_ids.0"),
        (["hulu:"], "platform_ids.0"),
        (["hulu", "netflix"], "platform_ids"),
    ],
)
def test_listings_that_cannot_be_chosen_are_named(asked: list[str], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        chosen_listings(asked, LISTINGS)

    assert [issue.field for issue in caught.value.issues] == [field]


@given(OWNERS, st.sets(SOURCES), st.sets(SOURCES))
def test_no_field_is_lost_when_a_record_is_parted(
    owners: dict[str, str], leaving: set[str], staying: set[str]
) -> None:
    found = sides(owners, leaving=leaving, staying=staying)

    assert found.leaving | found.staying == owners.keys()
    for name in owners.keys() - found.staying:
        assert owners[name] in leaving - staying
    for name in owners.keys() - found.leaving:
        assert owners[name] in staying - leaving


def test_a_merge_tells_of_both_titles_and_of_the_change_of_one() -> None:
    merged, updated = merged_events(kept=HEAT, merged=RONIN, at=THEN, cause="c")

    assert merged.data == {
        "content_ids": [str(RONIN), str(HEAT)], "merged": str(RONIN), "into": str(HEAT)
    }  # fmt: skip
    assert (updated.event_type, updated.data["content_ids"]) == ("content.updated", [str(HEAT)])
    assert merged_events(kept=HEAT, merged=RONIN, at=THEN, cause="c") == [merged, updated]


@pytest.mark.parametrize(
    ("is_new", "told"),
    [
        (True, {"content.updated": [str(HEAT)], "content.ingested": [str(RONIN)]}),
        (False, {"content.updated": [str(HEAT), str(RONIN)]}),
    ],
)
def test_a_split_tells_of_a_new_title_as_ingested(is_new: bool, told: dict[str, list[str]]) -> None:
    events = parted_events(kept=HEAT, parted=RONIN, is_new=is_new, at=THEN, cause="c")
    assert {event.event_type: event.data["content_ids"] for event in events} == told
