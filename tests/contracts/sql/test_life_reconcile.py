"""A full run against what is kept, in a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters.sql.expiry.reconcile import Reconciled, Scope, reconcile
from shared.adapters.sql.runs import Page, Part, Runs
from shared.catalog.lifecycle_reconcile import (
    MassDisappearanceError,
    RunNotWholeError,
    RunUnfinishedError,
)
from shared.catalog.values import ContentType
from shared.kernel.errors import InvalidInputError, NotFoundError
from tests.unit.matching.items import bare

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

PROVIDER = "streaming_availability"
RUN = "full-1"
PART = Part(RUN, PROVIDER, "netflix", "US")
SCOPE = Scope(RUN, PROVIDER, "netflix", "US")
RAW = f"{PROVIDER}/netflix-US/{RUN}/00001.json.gz"
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)


class Weekly:
    """A catalog that was filled long ago, and a full run that brings part of it again."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.runs = Runs(catalog.engine)

    def fill(self, count: int, platform: str = "netflix", **changes: Any) -> None:  # noqa: ANN401 - fields of an item
        """Store films of long ago."""
        self.catalog.take(*(self.film(n, LONG_AGO, platform, **changes) for n in range(count)))

    def film(self, n: int, at: datetime, platform: str = "netflix", **changes: Any) -> Any:  # noqa: ANN401 - an item
        """Return one film as a source tells of it at a moment."""
        return bare(platform, str(n), f"Film {n}", fetched_at=at, **changes)

    def run(self, numbers: range, *, whole: bool = True, part: Part = PART) -> None:
        """Fetch films again, under a run of which every record arrives or is missing."""
        self.runs.start(part)
        self.runs.add_page(Page(part, 1, RAW, len(numbers)), [])
        ((started,),) = self.catalog.rows(
            f"SELECT started_at FROM ingest_run WHERE run_id = '{RUN}'"  # noqa: S608 - ours
        )
        at = started + timedelta(minutes=1)
        if whole:
            self.catalog.take(*(self.film(n, at) for n in numbers), uri=RAW)
        self.runs.fetched(part)

    def reconcile(self, **options: Any) -> Reconciled:  # noqa: ANN401 - options of the call
        """Compare under the catalog's clock."""
        given = {"engine": self.catalog.engine, "clock": self.catalog.clock, **options}
        return reconcile(SCOPE, **given)

    def live(self) -> list[tuple[str, str]]:
        """Return platform and listing of every live offer."""
        return self.catalog.rows(
            "SELECT platform, platform_content_id FROM availability WHERE ended_at IS NULL"
            " ORDER BY platform, CAST(platform_content_id AS integer)"
        )


@pytest.fixture
def weekly(catalog: Catalog) -> Weekly:
    """Return a catalog without films."""
    return Weekly(catalog)


def test_offers_that_a_full_run_did_not_see_end_and_are_told_of(weekly: Weekly) -> None:
    weekly.fill(10)
    weekly.run(range(8))

    done = weekly.reconcile()

    assert (done.live, done.ended) == (10, 2)
    assert weekly.live() == [("netflix", str(n)) for n in range(8)]
    event = weekly.catalog.announced("availability.changed")[-1]
    assert [change["is_available"] for change in event.data["changes"]] == [False, False]
    assert (event.data["run_id"], event.data["platform"]) == (RUN, "netflix")
    assert len(done.outbox) == 1


def test_a_run_that_would_end_30_percent_is_refused_and_ends_nothing(weekly: Weekly) -> None:
    weekly.fill(10)
    weekly.run(range(7))
    before = weekly.catalog.everything()

    with pytest.raises(MassDisappearanceError, match="3 of 10 offers would end"):
        weekly.reconcile()

    assert weekly.catalog.everything() == before
    assert weekly.reconcile(most=Fraction(30, 100)).ended == 3


def test_doing_it_again_ends_nothing_more(weekly: Weekly) -> None:
    weekly.fill(10)
    weekly.run(range(9))
    weekly.reconcile()
    before = weekly.catalog.everything()

    assert weekly.reconcile().ended == 0
    assert weekly.catalog.everything() == before
    assert weekly.catalog.count("sync_cursor WHERE last_full_at IS NOT NULL") == 1


def test_what_others_brought_is_left_alone(weekly: Weekly) -> None:
    weekly.fill(4, "hulu")
    weekly.fill(4, region="GB")
    weekly.catalog.take(weekly.film(90, LONG_AGO, provider="tmdb"))
    weekly.run(range(4))

    assert weekly.reconcile().ended == 0
    assert len(weekly.live()) == 13


def test_an_offer_that_another_source_brings_too_goes_on_in_its_name(weekly: Weekly) -> None:
    now = weekly.catalog.clock.now()
    weekly.fill(4)
    weekly.catalog.take(*(weekly.film(n, now, provider="watchmode") for n in range(2)))
    weekly.catalog.take(*(weekly.film(n, now) for n in range(4)))
    weekly.run(range(2, 4))

    assert weekly.reconcile().ended == 0

    assert len(weekly.live()) == 4
    assert weekly.catalog.rows(
        "SELECT source, count(*), bool_and(jsonb_array_length(sources -> :p) = 4) FROM availability"
        " GROUP BY source ORDER BY source".replace(":p", f"'{PROVIDER}'")
    ) == [(PROVIDER, 2, False), ("watchmode", 2, True)]


def test_an_offer_that_comes_back_after_its_end_is_told_as_new(weekly: Weekly) -> None:
    weekly.fill(10)
    weekly.run(range(9))
    weekly.reconcile()

    weekly.catalog.take(weekly.film(9, LONG_AGO + timedelta(days=60)))

    (change,) = weekly.catalog.announced("availability.changed")[-1].data["changes"]
    assert (change["was_available"], change["is_available"]) == (False, True)
    assert len(weekly.live()) == 10


def test_a_run_whose_pages_are_still_on_the_way_has_to_be_waited_for(weekly: Weekly) -> None:
    weekly.fill(3)
    weekly.run(range(3), whole=False)

    with pytest.raises(RunUnfinishedError, match="3 of 3 records are on the way"):
        weekly.reconcile()

    weekly.runs.start(PART)
    with pytest.raises(RunUnfinishedError, match="still being fetched"):
        weekly.reconcile()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE ingest_run SET error = 'the provider went away'", "went away"),
        ("UPDATE ingest_page SET resolved = 0, read = 0", "0 of 0"),
        ("UPDATE ingest_page SET resolved = 9, set_aside = 1 WHERE run_id = 'full-1'", "1 of 10"),
    ],
)
def test_a_run_that_did_not_bring_everything_ends_nothing(
    weekly: Weekly, change: str, reason: str
) -> None:
    weekly.fill(11)
    weekly.run(range(10))
    with weekly.catalog.engine.begin() as connection:
        connection.execute(text(change))

    with pytest.raises(RunNotWholeError, match=reason):
        weekly.reconcile()
    assert len(weekly.live()) == 11


def test_a_feed_of_changes_is_no_full_run(weekly: Weekly) -> None:
    weekly.fill(2)
    weekly.run(range(2), part=Part(RUN, PROVIDER, "netflix", "US", "changes"))

    with pytest.raises(InvalidInputError, match="not a whole catalog"):
        weekly.reconcile()


def test_a_run_nobody_knows_is_not_found(weekly: Weekly) -> None:
    with pytest.raises(NotFoundError, match="netflix-US"):
        weekly.reconcile()


def test_a_run_of_whole_titles_says_nothing_of_episodes_and_one_of_episodes_nothing_of_titles(
    weekly: Weekly,
) -> None:
    weekly.fill(4)
    episodes = [
        bare("netflix", str(n), f"Episode {n}", fetched_at=LONG_AGO, content_type=kind)
        for n, kind in enumerate([ContentType.SEASON, *[ContentType.EPISODE] * 9], 50)
    ]
    weekly.catalog.take(*episodes)
    weekly.run(range(4))

    assert weekly.reconcile() == Reconciled(4, 0, ())

    with weekly.catalog.engine.begin() as connection:
        connection.execute(text("UPDATE ingest_run SET kind = 'episodes'"))
    assert weekly.reconcile(most=Fraction(1)).ended == 10
    assert weekly.live() == [("netflix", str(n)) for n in range(4)]
    assert weekly.catalog.rows("SELECT kind FROM sync_cursor ORDER BY kind") == [
        ("catalog",),
        ("episodes",),
    ]
