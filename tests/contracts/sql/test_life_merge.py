"""Titles that become one and are parted again, in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.adapters.sql.life.merge import Act, Merged, merge_titles
from shared.adapters.sql.life.split import Parted, split_title
from shared.adapters.sql.titles import ContentNotFoundError, SqlTitlePages
from shared.catalog.item import Image, Maturity
from shared.catalog.lifecycle import AlreadyMergedError
from shared.catalog.values import ContentType, CreditRole, ExternalIdType, ImageKind
from shared.kernel.errors import GoneError, InvalidInputError
from shared.kernel.ids import CountingIds
from tests.unit.matching.items import NOON, bare, item, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

IMDB, TMDB = ExternalIdType.IMDB, ExternalIdType.TMDB_MOVIE
OF_A_TITLE = (
    "content_title", "title_block", "title_outline", "content_genre", "content_theme",
    "content_rating", "credit", "image", "field_source", "external_id", "platform_listing",
    "availability",
)  # fmt: skip
STATE = (*OF_A_TITLE, "content", "review_item", "outbox")
LATER = NOON + timedelta(days=1)


class Lives:
    """Two films that are one, known under other names and ids."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.page = (
            item("netflix", "1", external_ids={IMDB: "tt0113277"}, region="US"),
            item(
                "hulu",
                "2",
                title="Jaktens hetta",
                release_year=1997,
                provider="watchmode",
                overview="Thieves in Los Angeles feel the heat of a detective who never lets go.",
                genres=("Thriller",),
                credits=({"name": "Val Kilmer", "role": CreditRole.ACTOR},),
                images=(Image(kind=ImageKind.POSTER, width=480, url="https://img.example/h.jpg"),),
                maturity=Maturity(system="MPA", value="R"),
                external_ids={TMDB: "949"},
            ),
        )
        catalog.take(self.page[0])
        catalog.clock.advance(timedelta(hours=1))
        catalog.take(self.page[1])
        self.heat, self.other = (self.of("netflix", "1"), self.of("hulu", "2"))
        assert self.heat != self.other
        self._acts = 0

    def of(self, platform: str, listing: str) -> UUID:
        """Return the title a listing belongs to."""
        ((found,),) = self.catalog.rows(
            f"SELECT content_id FROM platform_listing WHERE platform = '{platform}'"  # noqa: S608 - ours
            f" AND platform_content_id = '{listing}'"
        )
        return UUID(str(found))

    def act(self) -> Act:
        """Return one more thing that an administrator does."""
        self._acts += 1
        self.catalog.clock.advance(timedelta(minutes=1))
        return Act(UUID(int=self._acts), "admin", self.catalog.clock.now())

    def merge(self, left: UUID | None = None, right: UUID | None = None) -> Merged:
        """Make two titles one."""
        with self.catalog.engine.begin() as connection:
            return merge_titles(connection, left or self.heat, right or self.other, act=self.act())

    def split(self, *platform_ids: str, title: UUID | None = None) -> Parted:
        """Part one title."""
        with self.catalog.engine.begin() as connection:
            return split_title(
                connection, title or self.heat, platform_ids, act=self.act(), ids=CountingIds(900)
            )

    def state(self, *tables: str) -> dict[str, list[Any]]:
        """Return what the catalog holds, without the moments of the last change."""
        plain = "to_jsonb(t) - 'updated_at' - 'checked_at' - 'source_updated_at'"
        found = {}
        for table in tables or STATE:
            query = f"SELECT CAST({plain} AS text) FROM {table} t"  # noqa: S608 - names of ours
            found[table] = sorted(self.catalog.rows(query))
        return found

    def children(self, content_id: UUID) -> dict[str, int]:
        """Return how many rows of each table hang on a title."""
        counts = {
            t: self.catalog.count(f"{t} WHERE content_id = '{content_id}'") for t in OF_A_TITLE
        }
        return {table: count for table, count in counts.items() if count}

    def titles(self) -> list[str]:
        """Return the names of the titles that live."""
        living = "SELECT title FROM content WHERE merged_into IS NULL ORDER BY created_at"
        return [title for (title,) in self.catalog.rows(living)]


@pytest.fixture
def lives(catalog: Catalog) -> Lives:
    """Return two titles that a person knows to be one."""
    return Lives(catalog)


def test_the_older_title_takes_everything_in_whichever_is_named_first(lives: Lives) -> None:
    done = lives.merge(lives.other, lives.heat)

    assert (done.kept, done.merged) == (lives.heat, lives.other)
    assert lives.children(lives.other) == {}
    page = SqlTitlePages(lives.catalog.engine, lives.catalog.clock).page(lives.heat, "US")
    assert page["external_ids"] == {"imdb": "tt0113277", "tmdb_movie": "949"}
    assert page["platforms"] == ["hulu", "netflix"]
    assert (page["title"], page["titles"]) == ("Heat", {"und": "Jaktens hetta"})
    assert page["overview"].startswith("Thieves")
    assert page["genres"] == ["Crime", "Drama", "Thriller"]
    assert [one["name"] for one in page["credits"]][-1] == "Val Kilmer"
    assert lives.titles() == ["Heat"]


def test_the_old_id_leads_to_the_title_it_became_over_several_merges(lives: Lives) -> None:
    lives.catalog.clock.advance(timedelta(hours=1))
    lives.catalog.take(bare("peacock", "3", "Hitze", release_year=2001))
    third = lives.of("peacock", "3")
    lives.merge(lives.other, third)
    lives.merge(lives.other, lives.heat)

    page = SqlTitlePages(lives.catalog.engine, lives.catalog.clock).page(third, None)

    assert page["id"] == str(lives.heat)
    redirects = lives.catalog.rows(
        "SELECT DISTINCT merged_into FROM content WHERE id <> merged_into"
    )
    assert redirects == [(lives.heat,)]


def test_a_merge_is_told_of_with_what_it_changed(lives: Lives) -> None:
    lives.merge()

    (merged,) = lives.catalog.announced("content.merged")
    assert (merged.data["merged"], merged.data["into"]) == (str(lives.other), str(lives.heat))
    assert lives.catalog.announced("content.updated")[-1].data == {"content_ids": [str(lives.heat)]}


def test_the_same_pages_after_a_merge_change_nothing(lives: Lives) -> None:
    lives.merge()
    before = lives.catalog.everything()

    for one in lives.page:
        lives.catalog.take(one)

    assert lives.catalog.everything() == before


def test_new_word_of_a_merged_listing_goes_to_the_title_that_was_kept(lives: Lives) -> None:
    lives.merge()
    news = item("hulu", "2", title="Jaktens hetta", provider="watchmode", runtime_minutes=171,
                release_year=1995, fetched_at=LATER)  # fmt: skip
    lives.catalog.take(news)

    assert lives.catalog.count("content") == 2
    assert lives.of("hulu", "2") == lives.heat
    assert lives.children(lives.other) == {}


def test_an_item_that_names_a_merged_title_goes_where_its_other_evidence_leads(
    lives: Lives,
) -> None:
    lives.merge()
    named = item("peacock", "5", entity_id=lives.other, external_ids={TMDB: "949"})

    outcome = lives.catalog.take(named)

    assert (outcome.resolved, outcome.set_aside) == (1, 0)
    assert lives.of("peacock", "5") == lives.heat
    assert lives.children(lives.other) == {}


def test_a_split_of_what_a_merge_had_brought_restores_both_titles(lives: Lives) -> None:
    before = lives.state(*OF_A_TITLE)
    lives.merge()

    done = lives.split("hulu")

    assert (done.parted, done.is_new, done.listings) == (lives.other, False, (("hulu", "2"),))
    assert lives.state(*OF_A_TITLE) == before
    assert lives.titles() == ["Heat", "Jaktens hetta"]
    assert set(lives.catalog.announced("content.updated")[-1].data["content_ids"]) == {
        str(lives.heat), str(lives.other),
    }  # fmt: skip


def test_the_same_pages_after_a_split_change_nothing(lives: Lives) -> None:
    lives.merge()
    lives.split("hulu:2")
    before = lives.state()

    for one in lives.page:
        lives.catalog.take(one)

    assert lives.state() == before


def test_a_merge_and_a_split_can_be_done_again_and_again(lives: Lives) -> None:
    before = lives.state(*OF_A_TITLE)
    for _ in range(3):
        lives.merge()
        lives.split("hulu")

    assert lives.state(*OF_A_TITLE) == before
    assert lives.catalog.count("title_merge WHERE undone_at IS NOT NULL") == 3


def test_offers_that_both_titles_had_are_one_and_then_two_again(catalog: Catalog) -> None:
    lives = Lives(catalog)
    price = stream(price_minor=499, currency="USD")
    catalog.take(item("hulu", "7", offers=(price,), external_ids={IMDB: "tt0113277"}))
    before = lives.state("availability")

    lives.merge()

    assert (
        catalog.count(f"availability WHERE content_id = '{lives.heat}' AND ended_at IS NULL") == 2
    )
    lives.split("hulu:2")
    assert (
        catalog.count(f"availability WHERE content_id = '{lives.heat}' AND ended_at IS NULL") == 2
    )
    assert (
        catalog.count(f"availability WHERE content_id = '{lives.other}' AND ended_at IS NULL") == 1
    )
    lives.catalog.take(*lives.page)
    assert len(lives.state("availability")["availability"]) == len(before["availability"])


def test_listings_that_were_wrongly_found_to_be_one_become_a_title_of_their_own(
    catalog: Catalog,
) -> None:
    lives = Lives(catalog)
    wrong = item("peacock", "9", provider="tmdb", overview="A remake of which nobody has heard.",
                 external_ids={IMDB: "tt0113277", ExternalIdType.TVDB: "77"})  # fmt: skip
    catalog.take(wrong)
    assert lives.of("peacock", "9") == lives.heat

    done = lives.split("peacock")

    assert (done.is_new, lives.of("peacock", "9")) == (True, done.parted)
    assert catalog.announced("content.ingested")[-1].data["content_ids"] == [str(done.parted)]
    ids = "SELECT id_value FROM external_id WHERE content_id = '{}' ORDER BY 1"
    assert catalog.rows(ids.format(done.parted)) == [("77",)]
    assert catalog.rows(ids.format(lives.heat)) == [("tt0113277",)]
    assert catalog.count(f"availability WHERE content_id = '{done.parted}'") == 1
    before = (lives.of("netflix", "1"), lives.of("peacock", "9"))
    for _ in range(2):
        catalog.take(wrong, lives.page[0])
        assert (lives.of("netflix", "1"), lives.of("peacock", "9")) == before
    state = lives.state()
    catalog.take(wrong, lives.page[0])
    assert lives.state() == state


def test_of_two_that_were_parted_nobody_is_asked_again(catalog: Catalog) -> None:
    lives = Lives(catalog)
    wrong = item("peacock", "9", external_ids={IMDB: "tt0113277"})
    catalog.take(wrong)
    lives.split("peacock")

    catalog.take(wrong, item("peacock", "9", external_ids={IMDB: "tt0113277"}, fetched_at=LATER,
                             overview="It says something else now."))  # fmt: skip

    assert catalog.count("review_item WHERE status = 'pending'") == 0
    assert catalog.count("review_item WHERE status = 'separate'") == 2


@pytest.mark.parametrize("platform_ids", [["peacock"], ["hulu", "netflix"]])
def test_a_split_that_cannot_be_changes_nothing(lives: Lives, platform_ids: list[str]) -> None:
    lives.merge()
    before = lives.catalog.everything()

    with pytest.raises(InvalidInputError):
        lives.split(*platform_ids)

    assert lives.catalog.everything() == before


def test_a_film_and_a_series_never_become_one(lives: Lives) -> None:
    lives.catalog.take(bare("peacock", "4", content_type=ContentType.SERIES))

    with pytest.raises(InvalidInputError, match="film and series"):
        lives.merge(right=lives.of("peacock", "4"))
    with pytest.raises(InvalidInputError, match="itself"):
        lives.merge(right=lives.heat)


def test_only_titles_that_live_can_be_merged_or_parted(lives: Lives) -> None:
    lives.merge()
    with pytest.raises(AlreadyMergedError, match=str(lives.heat)):
        lives.merge()
    with pytest.raises(AlreadyMergedError):
        lives.split("hulu", title=lives.other)
    with pytest.raises(ContentNotFoundError):
        lives.merge(right=UUID(int=5))
    with lives.catalog.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE content SET deleted_at = now() WHERE merged_into IS NULL"
        )
    with pytest.raises(GoneError):
        lives.split("hulu")


def test_pages_that_arrive_during_merges_leave_nothing_on_a_title_that_is_gone(
    lives: Lives,
) -> None:
    def page(n: int) -> None:
        offers = (stream(price_minor=n, currency="USD"),)
        at = NOON + timedelta(hours=2, minutes=n)
        lives.catalog.take(
            lives.page[1].model_copy(
                update={
                    "offers": offers,
                    "source": lives.page[1].source.model_copy(update={"fetched_at": at}),
                }
            ),
            name=f"race {n}",
        )

    with ThreadPoolExecutor(5) as pool:
        pages = [pool.submit(page, n) for n in range(20)]
        merge = pool.submit(lives.merge)
        for one in pages:
            one.result()
        merge.result()

    assert lives.children(lives.other) == {}
    assert lives.of("hulu", "2") == lives.heat
    assert lives.catalog.count("availability WHERE ended_at IS NULL") == 2
