"""What sources say of an offer, kept with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.catalog.values import ExternalIdType
from tests.unit.matching.items import NOON, item, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

SECOND = int(NOON.timestamp())
DAY = 86_400
AGGREGATOR, OTHER = "streaming_availability", "tmdb"


def days(number: float) -> timedelta:
    return timedelta(days=number)


def receipts(catalog: Catalog) -> dict[str, Any]:
    """Return what each source says of the only offer."""
    ((said,),) = catalog.rows("SELECT sources FROM availability")
    return dict(said)


def state(catalog: Catalog) -> tuple[str, str, bool]:
    """Return who speaks for the only offer, by which listing, and whether it plays."""
    found = catalog.rows("SELECT source, platform_content_id, ended_at IS NULL FROM availability")
    ((source, listing, live),) = found
    return source, listing, live


def both(catalog: Catalog) -> None:
    """Let two sources bring one offer, each by its own listing, the other a day later."""
    ids = {"external_ids": {ExternalIdType.IMDB: "tt0113277"}}
    catalog.take(item("netflix", "60", **ids))
    catalog.take(item("netflix", "tm1", provider=OTHER, fetched_at=NOON + days(1), **ids))


def test_a_new_offer_says_who_brought_it_and_when(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"))

    assert receipts(catalog) == {AGGREGATOR: [SECOND, SECOND, "60"]}


def test_a_second_source_adds_its_word_to_the_first(catalog: Catalog) -> None:
    both(catalog)

    assert receipts(catalog) == {
        AGGREGATOR: [SECOND, SECOND, "60"],
        OTHER: [SECOND + DAY, SECOND + DAY, "tm1"],
    }


def test_the_first_time_stays_when_a_source_says_something_new(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"))
    cheaper = stream(link="https://www.netflix.com/title/60")
    catalog.take(item("netflix", "60", offers=(cheaper,), fetched_at=NOON + days(3)))

    assert receipts(catalog) == {AGGREGATOR: [SECOND, SECOND + 3 * DAY, "60"]}


def test_a_source_that_says_the_same_again_confirms_its_own_word_alone(catalog: Catalog) -> None:
    both(catalog)
    ids = {"external_ids": {ExternalIdType.IMDB: "tt0113277"}}
    catalog.take(item("netflix", "60", fetched_at=NOON + days(5), **ids))

    assert receipts(catalog)[AGGREGATOR][1] == SECOND + 5 * DAY
    assert receipts(catalog)[OTHER][1] == SECOND + DAY
    ((last_seen,),) = catalog.rows("SELECT last_seen FROM availability")
    assert last_seen == NOON + days(5)


def test_an_offer_lives_on_while_another_source_brings_it(catalog: Catalog) -> None:
    both(catalog)
    catalog.take(item("netflix", "tm1", provider=OTHER, offers=(), fetched_at=NOON + days(2)))

    assert state(catalog) == (AGGREGATOR, "60", True)
    assert receipts(catalog)[OTHER] == [SECOND + DAY, SECOND + DAY, "tm1", SECOND + 2 * DAY]
    assert len(catalog.announced("availability.changed")) == 1


def test_an_offer_ends_with_the_last_source_that_takes_it_back(catalog: Catalog) -> None:
    both(catalog)
    catalog.take(item("netflix", "tm1", provider=OTHER, offers=(), fetched_at=NOON + days(2)))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(3)))

    assert state(catalog)[2] is False
    assert {name: len(said) for name, said in receipts(catalog).items()} == {
        AGGREGATOR: 4,
        OTHER: 4,
    }
    (change,) = catalog.announced("availability.changed")[-1].data["changes"]
    assert (change["was_available"], change["is_available"]) == (True, False)


def test_a_source_that_no_longer_speaks_keeps_no_offer_alive(catalog: Catalog) -> None:
    both(catalog)
    catalog.take(item("netflix", "tm1", provider=OTHER, offers=(), fetched_at=NOON + days(20)))

    assert state(catalog)[2] is False


def test_a_source_that_was_silent_brings_an_ended_offer_back_with_its_old_words(
    catalog: Catalog,
) -> None:
    both(catalog)
    catalog.take(item("netflix", "tm1", provider=OTHER, offers=(), fetched_at=NOON + days(20)))
    assert state(catalog)[2] is False

    ids = {"external_ids": {ExternalIdType.IMDB: "tt0113277"}}
    catalog.take(item("netflix", "60", fetched_at=NOON + days(21), **ids))

    assert state(catalog) == (AGGREGATOR, "60", True)


def test_an_earlier_source_may_take_its_word_back_without_ending_anything(
    catalog: Catalog,
) -> None:
    both(catalog)
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(2)))

    assert state(catalog) == (OTHER, "tm1", True)
    assert len(receipts(catalog)[AGGREGATOR]) == 4


def test_an_offer_that_comes_back_counts_its_lapse_and_keeps_its_first_day(
    catalog: Catalog,
) -> None:
    catalog.take(item("netflix", "60"))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(2)))
    catalog.take(item("netflix", "60", fetched_at=NOON + days(4)))

    assert receipts(catalog) == {AGGREGATOR: [SECOND + 4 * DAY, SECOND + 4 * DAY, "60"]}
    assert catalog.rows("SELECT lapses, ended_at, first_seen FROM availability") == [
        (1, None, NOON)
    ]


def test_a_page_that_takes_back_and_brings_again_ends_nothing(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"))
    later = NOON + days(1)
    catalog.take(
        item("netflix", "60", offers=(), fetched_at=later), item("netflix", "61", fetched_at=later)
    )

    assert state(catalog) == (AGGREGATOR, "61", True)
    assert receipts(catalog) == {AGGREGATOR: [SECOND, SECOND + DAY, "61"]}
