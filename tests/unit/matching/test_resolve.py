"""To which title an item belongs."""

from __future__ import annotations

import pytest

from shared.catalog.item import Credit
from shared.catalog.values import ContentType, CreditRole, ExternalIdType
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory, Link
from shared.matching.resolve import Decision, resolve
from tests.unit.matching.items import bare, item

IMDB = ExternalIdType.IMDB
TMDB = ExternalIdType.TMDB_MOVIE
EIDR = ExternalIdType.EIDR


class Page:
    """Items resolved one after the other, from an empty catalog."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.ids = CountingIds()

    def __call__(self, **given: object) -> Decision:
        """Resolve the film Heat with changes, on a listing of its own."""
        listing = str(given.pop("listing", len(self.directory.listings) + 1))
        platform = str(given.pop("platform", "netflix"))
        return resolve(item(platform, listing, **given), self.directory, self.ids)


@pytest.fixture
def page() -> Page:
    return Page()


def test_known_listing_keeps_its_title_whatever_else_changes(page: Page) -> None:
    first = page(listing="7")

    again = page(listing="7", title="Something else", release_year=2001)

    assert (again.content_id, again.method) == (first.content_id, "listing")


@pytest.mark.parametrize("kind", list(ExternalIdType))
def test_every_kind_of_external_id_leads_to_its_title(page: Page, kind: ExternalIdType) -> None:
    first = page(external_ids={kind: "x1"})

    second = page(external_ids={kind: "x1"}, title="Heat: Director's Cut")

    assert (second.content_id, second.method) == (first.content_id, "id")
    assert second.confidence == (1.0 if kind is EIDR else 0.99)


def test_unknown_eidr_does_not_stop_a_known_imdb_id(page: Page) -> None:
    first = page(external_ids={IMDB: "tt0113277"})

    second = page(external_ids={EIDR: "10.5240/A", IMDB: "tt0113277"})

    assert second.content_id == first.content_id
    assert (EIDR, "10.5240/A") in second.claims


def test_ids_of_two_titles_make_a_review_and_a_title_of_its_own(page: Page) -> None:
    heat = page(external_ids={IMDB: "tt0113277"})
    ronin = page(title="Ronin", release_year=1998, external_ids={TMDB: "8195"})

    torn = page(external_ids={IMDB: "tt0113277", TMDB: "8195"})

    assert torn.is_new
    assert torn.claims == ()
    assert {review.candidate_id for review in torn.reviews} == {heat.content_id, ronin.content_id}
    assert {review.reason for review in torn.reviews} == {"ids-disagree"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content_type": ContentType.SERIES}, "id-contradicts-type"),
        ({"release_year": 2015}, "id-contradicts-year"),
        ({"title": "Heat 2"}, "id-contradicts-sequel"),
        (
            {"title": "Paddington", "genres": (), "credits": (), "countries": ("GB",),
             "runtime_minutes": 95},
            "id-contradicts-title",
        ),
    ],
)  # fmt: skip
def test_an_id_that_contradicts_its_title_is_held(
    page: Page, changes: dict[str, object], reason: str
) -> None:
    heat = page(external_ids={IMDB: "tt0113277"})

    wrong = page(**{**changes, "external_ids": {IMDB: "tt0113277"}})

    assert wrong.content_id != heat.content_id
    assert [review.reason for review in wrong.reviews] == [reason]
    assert (IMDB, "tt0113277") not in wrong.claims


def test_a_translated_title_joins_by_id_when_a_person_agrees(page: Page) -> None:
    first = page(external_ids={IMDB: "tt0113277"})

    second = page(title="Jaktens hetta", external_ids={IMDB: "tt0113277"})

    assert second.content_id == first.content_id


def test_two_agreeing_ids_outweigh_a_year(page: Page) -> None:
    both = {IMDB: "tt0113277", TMDB: "949"}
    first = page(external_ids=both)

    second = page(external_ids=both, release_year=1997)

    assert second.content_id == first.content_id


def test_an_item_with_a_wrong_id_still_finds_its_title_by_name(page: Page) -> None:
    page(title="Ronin", release_year=1998, credits=(), external_ids={IMDB: "tt0122690"})
    heat = page()

    found = page(external_ids={IMDB: "tt0122690"})

    assert (found.content_id, found.method) == (heat.content_id, "title")
    assert [review.reason for review in found.reviews] == ["id-contradicts-year"]


def test_an_id_of_little_confidence_is_no_bridge(page: Page) -> None:
    heat = page(external_ids={IMDB: "tt0113277"})
    page.directory.external[IMDB, "tt0113277"] = Link(heat.content_id, 0.93)

    other = page(
        title="Dredd", release_year=2012, credits=(), external_ids={IMDB: "tt0113277"}
    )  # fmt: skip

    assert other.is_new
    assert other.reviews == ()


def test_an_id_gained_by_name_is_recorded_with_the_confidence_of_the_name(page: Page) -> None:
    page()

    joined = page(runtime_minutes=160, countries=(), credits=(), external_ids={TMDB: "949"})

    assert joined.method == "title"
    assert 0.90 <= joined.confidence < 0.99
    assert joined.claims == ((TMDB, "949"),)


@pytest.mark.parametrize("title", ["The Heat", "HEAT (1995)", "Héat"])
def test_spellings_of_one_title_meet(page: Page, title: str) -> None:
    assert page(title=title).content_id == page().content_id


def test_similar_title_with_agreeing_features_joins(page: Page) -> None:
    first = page(title="Harry Potter and the Sorcerer's Stone", release_year=2001)

    second = page(title="Harry Potter & The Sorcerers Stones", release_year=2001)

    assert (second.content_id, second.method) == (first.content_id, "title")


@pytest.mark.parametrize(
    "changes",
    [
        {"release_year": 2013},
        {"title": "Heat II"},
        {"content_type": ContentType.SERIES},
        {"content_type": ContentType.EPISODE},
    ],
)
def test_remakes_sequels_and_other_types_stay_apart(page: Page, changes: dict[str, object]) -> None:
    assert page().content_id != page(**changes).content_id


def test_nearly_alike_goes_to_review_and_gets_a_title_of_its_own(page: Page) -> None:
    first = page(credits=())

    second = page(credits=(), runtime_minutes=None, countries=(), release_year=1996)

    assert second.is_new
    assert [(r.reason, r.candidate_id) for r in second.reviews] == [
        ("similar-title", first.content_id)
    ]
    assert 0.80 <= second.reviews[0].score < 0.90


def test_the_same_film_a_year_off_joins_when_runtime_and_countries_agree(page: Page) -> None:
    first = page(credits=())

    second = page(credits=(), genres=("Crime", "War", "Music", "Drama"), release_year=1996)

    assert second.content_id == first.content_id
    assert 0.90 <= second.confidence < 0.99


def test_nothing_joins_whose_other_features_all_disagree(page: Page) -> None:
    first = page()

    other = page(
        credits=(Credit(name="Jan de Bont", role=CreditRole.DIRECTOR),),
        genres=("Romance", "Comedy"), runtime_minutes=95, countries=("FR",),
    )  # fmt: skip

    assert other.content_id != first.content_id


def test_a_rare_name_needs_less_beside_it_than_a_common_one(page: Page) -> None:
    said = {"credits": (), "runtime_minutes": None, "countries": (), "genres": ("Crime", "Drama")}
    common, rare = page(**said), page(title="Requiem for a Heavyweight", **said)

    again_common = page(**{**said, "release_year": 1996})
    again_rare = page(**{**said, "title": "Requiem for a Heavyweight", "release_year": 1996})

    assert again_common.content_id != common.content_id
    assert again_rare.content_id == rare.content_id


@pytest.mark.parametrize("kind", [ContentType.MOVIE, ContentType.SERIES])
def test_an_item_of_unknown_type_finds_films_and_series(page: Page, kind: ContentType) -> None:
    first = page(title="Requiem for a Heavyweight", content_type=kind)

    untyped = page(title="Requiem for Heavyweights", content_type=ContentType.UNKNOWN)

    assert untyped.content_id == first.content_id


def test_a_title_of_unknown_type_takes_the_type_of_what_joins_it_and_no_other(page: Page) -> None:
    untyped = page(content_type=ContentType.UNKNOWN)
    film = page()

    series = page(content_type=ContentType.SERIES)

    assert film.content_id == untyped.content_id
    assert series.content_id != untyped.content_id


def test_one_film_dated_twice_gets_a_title_of_its_own_and_a_question(page: Page) -> None:
    told = "A career thief plans one last robbery while a detective closes in on his crew."
    first = page(title="Requiem for a Heavyweight", overview=told)

    second = page(title="Requiem for a Heavyweight", overview=told, release_year=1998)

    assert second.is_new
    assert [(review.reason, review.candidate_id) for review in second.reviews] == [
        ("years-apart", first.content_id)
    ]


@pytest.mark.parametrize("year", [1996, None])
def test_two_titles_that_cannot_be_one_are_no_question_of_what_fits_both(
    page: Page, year: int | None
) -> None:
    first = page()
    page(release_year=1997)

    between = page(release_year=year)

    assert between.content_id == first.content_id
    assert between.reviews == ()


def test_a_remake_is_no_question(page: Page) -> None:
    page()

    remake = page(release_year=2013, runtime_minutes=99, credits=(), countries=("KR",))

    assert remake.is_new
    assert remake.reviews == ()


def test_a_missing_year_is_no_evidence(page: Page) -> None:
    first = page()

    alike = page(release_year=None, credits=())
    with_people = page(release_year=None)

    assert alike.content_id != first.content_id
    assert with_people.content_id == first.content_id


def test_title_and_year_alone_join_where_nothing_else_is_known_and_nobody_else_has_them() -> None:
    directory, ids = Directory(), CountingIds()
    first = resolve(bare("netflix", "1", external_ids={IMDB: "tt0113277"}), directory, ids)

    second = resolve(bare("hulu", "2", external_ids={TMDB: "949"}), directory, ids)
    third = resolve(bare("hbo_max", "3"), directory, ids)

    assert {second.content_id, third.content_id} == {first.content_id}
    assert second.confidence < 0.95


def test_title_and_year_alone_do_not_choose_between_two(page: Page) -> None:
    one = page(external_ids={IMDB: "tt0113277"})
    other = page(
        credits=(), genres=("Comedy",), countries=("FR",), runtime_minutes=95,
        external_ids={IMDB: "tt9999999"},
    )  # fmt: skip
    assert one.content_id != other.content_id

    third = resolve(bare("hulu", "9"), page.directory, page.ids)

    assert third.is_new


def test_equal_candidates_are_decided_for_the_older_title(page: Page) -> None:
    first = page(external_ids={IMDB: "tt0113277"})
    page(external_ids={IMDB: "tt0113277", EIDR: "e"}, release_year=2015)

    assert page().content_id == first.content_id


def test_a_title_named_outright_is_taken_unless_the_type_differs(page: Page) -> None:
    first = page()

    assert page(title="Hitze", entity_id=first.content_id).content_id == first.content_id
    series = page(entity_id=first.content_id, content_type=ContentType.SERIES)
    assert series.content_id != first.content_id


def test_known_listing_whose_id_lies_elsewhere_asks_a_person(page: Page) -> None:
    heat = page(listing="7")
    ronin = page(title="Ronin", release_year=1998, external_ids={IMDB: "tt0122690"})

    again = page(listing="7", external_ids={IMDB: "tt0122690"})

    assert again.content_id == heat.content_id
    assert [(r.reason, r.candidate_id) for r in again.reviews] == [
        ("id-elsewhere", ronin.content_id)
    ]
