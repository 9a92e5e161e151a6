"""Seasons and episodes find their series in a real database, whichever of the two comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.adapters.sql.life.merge import Act, merge_titles
from shared.adapters.sql.life.split import split_title
from shared.adapters.sql.series.joins import PlaceJoins
from shared.adapters.sql.series.links import SeriesLinks
from shared.adapters.sql.titles import ContentNotFoundError, SqlTitlePages
from shared.catalog.answers import SeasonPage, TitlePage
from shared.catalog.item import PartOf
from shared.catalog.values import ContentType
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from tests.contracts.sql.conftest import Catalog, cause
from tests.unit.matching.items import NOON, bare

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.adapters.sql.review.joins import Joined
    from shared.catalog.item import CanonicalItem

BAD = {"imdb": "tt0903747"}
SAUL = {"imdb": "tt3032476"}


class Shelf(Catalog):
    """A catalog whose pages are linked as `functions/catalog_resolve` does it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.links = SeriesLinks(engine, self.clock)
        self.taken = 0

    def bring(self, *items: CanonicalItem) -> None:
        """Take items as one page, and link what it brought."""
        self.taken += 1
        self.clock.advance(timedelta(minutes=1))
        placed = self.links.placed(items)
        name = f"series {self.taken}"
        outcome = self.take(*placed, name=name)
        self.links.take(placed, outcome, cause=cause(name))

    def places(self) -> list[tuple[str, int, int | None, str]]:
        """Return series, season, episode and part by name, in order."""
        return self.rows(
            "SELECT s.title, season_no, episode_no, p.title FROM series_link JOIN content s ON s.id"
            " = series_id JOIN content p ON p.id = content_id ORDER BY 1, 2, 3 NULLS FIRST, 4"
        )

    def id_of(self, title: str) -> UUID:
        """Return the living title of a name."""
        found = self.rows("SELECT title, id FROM content WHERE merged_into IS NULL")
        return UUID(str(dict(found)[title]))

    def page(self, title: str, season: int | None = None) -> dict[str, Any]:
        """Return a title's page, as the API describes it."""
        found = SqlTitlePages(self.engine, self.clock).page(self.id_of(title), "US", season=season)
        TitlePage.model_validate(found)
        return found


@pytest.fixture
def shelf(catalog: Catalog) -> Shelf:
    """An empty catalog that links."""
    return Shelf(catalog.engine)


def series(
    title: str = "Breaking Bad",
    listing: str = "bb",
    platform: str = "netflix",
    **more: Any,  # noqa: ANN401 - any field
) -> CanonicalItem:
    given = {"content_type": ContentType.SERIES, "release_year": 2008, "external_ids": BAD, **more}
    return bare(platform, listing, title, **given)


def episode(
    number: int | None,
    title: str,
    *,
    season: int = 1,
    platform: str = "netflix",
    of: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - any field
) -> CanonicalItem:
    """Return an episode, or a season where the number is None."""
    kind = ContentType.SEASON if number is None else ContentType.EPISODE
    known = BAD if of is None else of
    said = {"title": "Breaking Bad", "external_ids": known, "season": season, "episode": number}
    place = PartOf.model_validate(said)
    given = {"content_type": kind, "release_year": 2008, "part_of": place, **more}
    return bare(platform, given.pop("listing", f"{platform} s{season}e{number}"), title, **given)


PILOT = episode(1, "Pilot")
BAG = episode(2, "Cat's in the Bag...")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["series-first", "series-later"])
def test_episodes_are_linked_whichever_comes_first(shelf: Shelf, order: tuple[int, int]) -> None:
    pages = [(series(),), (PILOT, BAG, episode(None, "Season 1"))]
    for n in order:
        shelf.bring(*pages[n])

    assert shelf.places() == [
        ("Breaking Bad", 1, None, "Season 1"),
        ("Breaking Bad", 1, 1, "Pilot"),
        ("Breaking Bad", 1, 2, "Cat's in the Bag..."),
    ]


def test_pages_show_seasons_episodes_and_what_comes_next(shelf: Shelf) -> None:
    shelf.bring(series(), episode(None, "Season 1"), PILOT, BAG, episode(1, "Down", season=2))

    page = shelf.page("Breaking Bad", season=1)
    assert [(one["season"], one["episodes"]) for one in page["seasons"]] == [(1, 2), (2, 1)]
    assert page["seasons"][0]["id"] == str(shelf.id_of("Season 1"))
    assert [(one["episode"], one["title"]) for one in page["episodes"]] == [
        (1, "Pilot"),
        (2, "Cat's in the Bag..."),
    ]
    assert page["episodes"][0]["platforms"] == ["netflix"]
    last = shelf.page("Cat's in the Bag...")["part_of"]
    assert (last["title"], last["season"], last["episode"]) == ("Breaking Bad", 1, 2)
    assert last["previous_id"] == str(shelf.id_of("Pilot"))
    assert last["next_id"] == str(shelf.id_of("Down"))
    assert shelf.page("Pilot")["seasons"] is None


def test_a_page_that_comes_again_links_and_tells_nothing_new(shelf: Shelf) -> None:
    shelf.bring(series(), PILOT)
    before = shelf.places(), shelf.count("outbox")

    shelf.bring(series(), PILOT)

    assert (shelf.places(), shelf.count("outbox")) == before


def test_linking_tells_of_the_series_and_of_the_part(shelf: Shelf) -> None:
    shelf.bring(PILOT)
    assert shelf.announced("content.updated") == []

    shelf.bring(series())

    (event,) = shelf.announced("content.updated")
    ids = {str(shelf.id_of("Breaking Bad")), str(shelf.id_of("Pilot"))}
    assert (set(event.data["content_ids"]), event.data["updated_fields"]) == (ids, ["part_of"])


def test_an_episode_of_one_number_on_two_platforms_is_one_title(shelf: Shelf) -> None:
    shelf.bring(series(), PILOT)

    shelf.bring(episode(1, "Episode 1", platform="hulu"), episode(2, "Grilled", platform="hulu"))

    assert shelf.rows("SELECT count(*) FROM content WHERE content_type = 'episode'") == [(2,)]
    listed = shelf.rows("SELECT platform FROM platform_listing JOIN content c ON c.id = content_id"
                        " WHERE c.title = 'Pilot' ORDER BY 1")  # fmt: skip
    assert listed == [("hulu",), ("netflix",)]


def test_an_episode_with_another_name_at_the_same_place_stays_its_own_title(shelf: Shelf) -> None:
    shelf.bring(series(), BAG)

    shelf.bring(episode(2, "Grilled", platform="hulu"))

    assert shelf.places() == [("Breaking Bad", 1, 2, "Cat's in the Bag...")]
    assert shelf.rows("SELECT count(*) FROM content WHERE content_type = 'episode'") == [(2,)]


def test_a_name_alone_finds_the_only_series_of_that_name_on_the_platform(shelf: Shelf) -> None:
    shelf.bring(episode(1, "Pilot", of={}))
    shelf.bring(series(platform="hulu"))
    assert shelf.places() == []

    shelf.bring(series())

    assert shelf.places() == [("Breaking Bad", 1, 1, "Pilot")]


def test_a_second_series_of_the_name_makes_a_name_alone_wait_again(shelf: Shelf) -> None:
    shelf.bring(series(), episode(1, "Pilot", of={}), BAG)

    shelf.bring(series(listing="other", release_year=1971, external_ids={"imdb": "tt9999999"}))

    assert [part for *_, part in shelf.places()] == ["Cat's in the Bag..."]


def test_ids_that_name_two_series_name_none(shelf: Shelf) -> None:
    shelf.bring(series(), series("Better Call Saul", "saul", external_ids={"tvdb": "273181"}))

    shelf.bring(episode(1, "Uno", of={**BAD, "tvdb": "273181"}))

    assert shelf.places() == []


def test_a_season_is_read_with_its_episodes_and_the_seasons_around_it(shelf: Shelf) -> None:
    shelf.bring(series(), episode(None, "Season 1"), PILOT, BAG, episode(1, "Down", season=3))
    pages, of = SqlTitlePages(shelf.engine, shelf.clock), shelf.id_of("Breaking Bad")

    season = pages.season(of, 1, "US")
    SeasonPage.model_validate(season)

    assert (season["series_title"], season["previous"], season["next"]) == ("Breaking Bad", None, 3)
    assert season["id"] == str(shelf.id_of("Season 1"))
    assert [one["title"] for one in season["episodes"]] == ["Pilot", "Cat's in the Bag..."]
    with pytest.raises(ContentNotFoundError, match="has no season 2"):
        pages.season(of, 2, "US")
    with pytest.raises(ContentNotFoundError, match="has no season 1"):
        pages.season(shelf.id_of("Pilot"), 1, "US")


def test_an_episode_is_read_by_its_place(shelf: Shelf) -> None:
    shelf.bring(series(), PILOT, BAG)
    pages, of = SqlTitlePages(shelf.engine, shelf.clock), shelf.id_of("Breaking Bad")

    page = pages.episode(of, (1, 2), "US")

    assert (page["title"], page["part_of"]["episode"]) == ("Cat's in the Bag...", 2)
    with pytest.raises(ContentNotFoundError, match="has no episode 3 in season 1"):
        pages.episode(of, (1, 3), "US")


def test_a_merge_of_two_series_brings_their_seasons_together(shelf: Shelf) -> None:
    shelf.bring(series(), PILOT)
    shelf.bring(series("Breaking Bad: Complete", "saul", release_year=1971, external_ids=SAUL))
    shelf.bring(episode(1, "Seven Thirty-Seven", season=2, of=SAUL))
    kept, merged = shelf.id_of("Breaking Bad"), shelf.id_of("Breaking Bad: Complete")

    merge(shelf, kept, merged)

    assert {name for name, *_ in shelf.places()} == {"Breaking Bad"}
    assert [one["season"] for one in shelf.page("Breaking Bad")["seasons"]] == [1, 2]


def test_a_split_gives_a_series_back_what_is_its_own(shelf: Shelf) -> None:
    shelf.bring(series(), PILOT)
    shelf.bring(series("Better Call Saul", "saul", release_year=2015, external_ids=SAUL))
    shelf.bring(episode(1, "Uno", of=SAUL, listing="uno"))
    before = shelf.places()
    kept, merged = shelf.id_of("Breaking Bad"), shelf.id_of("Better Call Saul")
    merge(shelf, kept, merged)
    assert len({name for name, *_ in shelf.places()}) == 1

    with shelf.engine.begin() as connection:
        ids = TimeOrderedIds(SystemClock())
        split_title(connection, kept, ["netflix:saul"], act=act("split"), ids=ids)

    assert shelf.places() == before


def test_a_merge_of_two_episodes_leaves_one_at_the_place(shelf: Shelf) -> None:
    shelf.bring(series(), BAG)
    shelf.bring(episode(2, "Grilled", platform="hulu"))

    merge(shelf, shelf.id_of("Cat's in the Bag..."), shelf.id_of("Grilled"))

    assert shelf.places() == [("Breaking Bad", 1, 2, "Cat's in the Bag...")]
    assert shelf.rows("SELECT merged_into IS NULL FROM content WHERE title = 'Grilled'") == [
        (False,)
    ]


def test_episodes_that_came_before_their_series_become_one(shelf: Shelf) -> None:
    shelf.bring(episode(1, "Episode 1", platform="hulu"))
    shelf.bring(PILOT)
    shelf.bring(series())

    assert len(join(shelf)) == 1
    assert join(shelf) == []

    assert shelf.places() == [("Breaking Bad", 1, 1, "Pilot")]
    assert shelf.count("audit.audit_log") == 1


def test_a_person_is_asked_once_about_two_names_at_one_place(shelf: Shelf) -> None:
    shelf.bring(series(), BAG)
    shelf.bring(episode(2, "Grilled", platform="hulu"))

    assert [join(shelf), join(shelf)] == [[], []]

    asked = shelf.rows("SELECT reason, platform, status, features ->> 'against' FROM review_item")
    assert asked == [("same-place", "hulu", "pending", "title")]


def test_two_at_one_place_that_a_person_called_separate_stay_two(shelf: Shelf) -> None:
    shelf.bring(PILOT)
    shelf.bring(episode(1, "Episode 1", platform="hulu"))
    shelf.bring(series())
    join(shelf)
    with shelf.engine.begin() as connection:
        ids = TimeOrderedIds(SystemClock())
        split_title(connection, shelf.id_of("Pilot"), ["hulu"], act=act("split"), ids=ids)

    assert join(shelf) == []
    assert shelf.places() == [("Breaking Bad", 1, 1, "Pilot")]


def test_parts_and_series_that_come_at_once_do_not_miss_each_other(shelf: Shelf) -> None:
    pages: list[tuple[CanonicalItem, ...]] = [(series(),)]
    pages += [(episode(n, f"Episode {n}"), episode(n, f"Episode {n}", season=2)) for n in range(8)]
    together = Barrier(len(pages))

    def bring(name: str, page: tuple[CanonicalItem, ...]) -> None:
        together.wait(timeout=30)
        outcome = shelf.take(*page, name=name)
        shelf.links.take(page, outcome, cause=cause(name))

    with ThreadPoolExecutor(len(pages)) as workers:
        done = [workers.submit(bring, f"at once {n}", page) for n, page in enumerate(pages)]
    for one in done:
        one.result()

    places = [(season, number) for _, season, number, _ in shelf.places()]
    assert places == [(season, number) for season in (1, 2) for number in range(8)]


def join(shelf: Shelf) -> list[Joined]:
    return list(PlaceJoins(shelf.engine, shelf.clock).join(most=10))


def merge(shelf: Shelf, left: UUID, right: UUID) -> None:
    with shelf.engine.begin() as connection:
        merge_titles(connection, left, right, act=act("merge"))


def act(name: str) -> Act:
    return Act(cause(name).event_id, "ada", NOON)
