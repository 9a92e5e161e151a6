"""One record out of what several sources say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.item import CanonicalItem, Credit, Image, Maturity
from shared.catalog.values import CreditRole, ImageKind
from shared.matching.merge import merge
from shared.matching.record import Record, record_of
from tests.unit.matching.items import bare, item

AGGREGATOR, FILE, TMDB = "streaming_availability", "generic", "tmdb"


def joined(*items: CanonicalItem) -> Record:
    first, *others = items
    record = record_of(first)
    for one in others:
        record = merge(record, record_of(one), one.source.provider)
    return record


def test_a_poorer_source_never_blanks_or_overwrites_a_field() -> None:
    rich = item(user_rating=8.3, vote_count=700_000, popularity=0.8, overview="A heist. " * 9)
    poor = bare("hulu", "2", provider=FILE, runtime_minutes=99)

    assert joined(rich, poor).digest() == record_of(rich).digest()


def test_a_missing_rating_stays_unknown_and_never_becomes_zero() -> None:
    assert "average_rating" not in joined(item(), item(provider=TMDB)).scalars


def test_a_source_believed_further_overwrites_and_is_remembered() -> None:
    record = joined(item(provider=FILE), item(provider=TMDB, title="Heat!", runtime_minutes=171))

    assert record.scalars["title"] == "Heat!"
    assert record.owners["runtime_minutes"] == TMDB


def test_a_source_believed_less_only_fills_gaps() -> None:
    record = joined(
        item(provider=TMDB, runtime_minutes=None), item(provider=FILE, title="HEAT (HD)")
    )

    assert record.scalars["title"] == "Heat"
    assert record.scalars["runtime_minutes"] == 170
    assert record.owners["runtime_minutes"] == FILE


def test_genres_are_united_in_order_up_to_five() -> None:
    first = item(genres=("Crime", "Drama", "Thriller"))
    second = item(genres=("Action", "Crime", "Mystery", "War"))

    assert joined(first, second).genres == ("Crime", "Drama", "Thriller", "Action", "Mystery")


def test_the_longer_overview_stays_whoever_wrote_it() -> None:
    long, short = "A detective hunts a thief. " * 3, "A heist."

    for items in (
        (item(overview=long), item(overview=short, provider=TMDB)),
        (item(overview=short, provider=TMDB), item(overview=long, provider=FILE)),
    ):
        assert joined(*items).scalars["overview"] == long


def test_the_earlier_release_date_of_one_release_stays() -> None:
    us, de = date(1995, 12, 15), date(1996, 2, 29)

    for items in (
        (item(release_date=us), item(release_date=de)),
        (item(release_date=de), item(release_date=us, provider=FILE)),
    ):
        assert joined(*items).scalars["release_date"] == "1995-12-15"


def test_people_are_united_by_name_and_role() -> None:
    cast = (Credit(name="Al Pacino", role=CreditRole.ACTOR, character="Vincent Hanna"),)
    spelled = (Credit(name="AL PACINO", role=CreditRole.ACTOR),)

    assert joined(item(credits=spelled), item(credits=cast)).people == (
        ("AL PACINO", "actor", "Vincent Hanna"),
    )


def test_ratings_are_kept_by_region_and_images_by_width() -> None:
    us = item(
        maturity=Maturity(system="MPA", value="R"),
        images=(Image(kind=ImageKind.POSTER, width=342, url="https://img.example/a.jpg"),),
    )
    de = item(
        region="DE",
        maturity=Maturity(system="FSK", value="16"),
        images=(Image(kind=ImageKind.POSTER, width=720, url="https://img.example/b.jpg"),),
    )

    record = joined(us, de)

    assert record.ratings == {("US", "MPA"): "R", ("DE", "FSK"): "16"}
    assert len(record.images) == 2


@pytest.mark.parametrize("second", [{}, {"provider": FILE}, {"provider": TMDB, "genres": ("War",)}])
def test_merging_the_same_item_again_changes_nothing(second: dict[str, object]) -> None:
    once = joined(item(), item("hulu", "2", **second))

    again = merge(
        once, record_of(item("hulu", "2", **second)), str(second.get("provider", AGGREGATOR))
    )

    assert again == once


@given(
    st.lists(
        st.tuples(
            st.sampled_from([AGGREGATOR, FILE, TMDB]),
            st.sampled_from(["", "short", "somewhat longer"]),
            st.sampled_from([None, 90, 120]),
            st.lists(st.sampled_from(["Crime", "War", "Music"]), unique=True),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_nothing_known_ever_becomes_unknown(
    said: list[tuple[str, str, int | None, list[str]]],
) -> None:
    items = [
        item(provider=who, overview=text or None, runtime_minutes=runtime, genres=tuple(genres))
        for who, text, runtime, genres in said
    ]

    record = joined(*items)

    assert ("runtime_minutes" in record.scalars) == any(i.runtime_minutes for i in items)
    assert set(record.genres) == {genre for i in items for genre in i.genres}
    assert len(record.scalars.get("overview", "")) == max(len(i.overview or "") for i in items)
