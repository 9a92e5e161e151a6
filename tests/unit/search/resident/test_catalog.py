"""The catalog in parts: who knows a title last is asked about it."""

from __future__ import annotations

import pytest

from shared.search.filters import Filters
from shared.search.ports import Asked, Hit
from shared.search.resident.catalog import Catalog, few_enough
from shared.search.resident.part import Part
from shared.search.resident.rows import OfferRow, TitleRow
from tests.fakes.edges import by_src
from tests.unit.search.sources import id_of

NOW = 1_000_000_000.0
HEAT, RONIN, ALIEN = (id_of(number) for number in (1, 2, 3))


def row(id_: str, title: str, **more: object) -> TitleRow:
    key = title.lower()
    plain = {"keys": (key,), "words": dict.fromkeys(key.split(), "A"), "genres": ("Drama",)}
    return TitleRow(id_, title, key, **{**plain, **more})  # type: ignore[arg-type]


@pytest.fixture
def catalog() -> Catalog:
    """Three titles of which one has changed its name, and a fourth came."""
    first = [
        row(HEAT, "Heat", popularity=0.9, edges=((RONIN, 0.5),)),
        row(RONIN, "Rounin", popularity=0.8, franchise="old"),
        row(ALIEN, "Alien", popularity=0.7),
    ]
    changed = row(RONIN, "Ronin", popularity=0.1, franchise="new")
    kept = Part.from_arrays(Part.build(first).arrays())
    return Catalog((kept,)).with_changes([changed], {RONIN, ALIEN})


@pytest.mark.parametrize(("most", "read"), [(5, 4), (4, 4), (3, 4), (2, 4), (1, 2)])
def test_a_catalog_is_read_to_its_end_unless_it_is_too_large(most: int, read: int) -> None:
    pages = iter([[row(id_of(n), "Heat"), row(id_of(n + 1), "Ronin")] for n in (1, 3)])

    assert [title.id for title in few_enough(pages, most)] == [*map(id_of, range(1, read + 1))]
    assert (next(pages, None) is None) == (read == 4)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.content_id for hit in hits]


def test_a_changed_title_is_found_as_it_is_now_and_a_gone_one_nowhere(catalog: Catalog) -> None:
    def found(words: str) -> list[str]:
        return ids([*catalog.retrieve(Asked(words), NOW, limit=9)])

    assert found("ronin") == [RONIN]
    assert found("rounin") == found("alien") == []
    assert {each.title for each in catalog.candidates([ALIEN, RONIN], Filters(), NOW)} == {"Ronin"}
    assert {id_: of.franchise for id_, of in catalog.traits([ALIEN, RONIN]).items()} == {
        RONIN: "new"
    }


def test_the_most_popular_come_from_all_parts_in_one_order(catalog: Catalog) -> None:
    later = catalog.with_changes([row(ALIEN, "Alien", popularity=0.5)], {ALIEN})

    assert ids(later.popular(Filters(), NOW, limit=9)) == [HEAT, ALIEN, RONIN]
    assert ids(later.popular(Filters(), NOW, limit=1)) == [HEAT]


def test_facets_are_counted_over_all_parts(catalog: Catalog) -> None:
    (drama,) = catalog.facets(None, Filters(), NOW).genres
    (among,) = catalog.facets([ALIEN, RONIN], Filters(), NOW).genres

    assert (drama.count, among.count) == (2, 1)


def test_edges_of_the_snapshot_hold_for_titles_that_changed_since(catalog: Catalog) -> None:
    later = catalog.with_changes([row(HEAT, "Heat")], {HEAT})

    assert by_src(later.strongest([HEAT, RONIN, "unknown"], branches=9)) == {HEAT: [(RONIN, 0.5)]}


def test_an_offer_ends_by_itself(catalog: Catalog) -> None:
    offer = OfferRow("netflix", "US", "subscription", ends=NOW + 10)
    later = catalog.with_changes([row(ALIEN, "Alien", offers=(offer,))], {ALIEN})

    def playing(now: float) -> list[str]:
        return ids(later.popular(Filters(platforms=("netflix",), region=("US",)), now, limit=9))

    assert playing(NOW) == [ALIEN]
    assert playing(NOW + 10) == []


def test_arrays_that_do_not_fit_each_other_are_no_part() -> None:
    arrays = Part.build([row(HEAT, "Heat")]).arrays()

    with pytest.raises(ValueError, match="2 ids, facts of 1 titles"):
        Part.from_arrays({**arrays, "ids": arrays["ids"].repeat(2)})
