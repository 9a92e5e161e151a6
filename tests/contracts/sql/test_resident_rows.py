"""Titles as processes that search keep them, read from a real catalog."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from shared.adapters.sql.resident.rows import SqlRows
from shared.adapters.sql.search import SqlDocuments
from shared.matching.facts import person_key
from shared.search.indexing import FLOATS, NewVector
from shared.search.suggest.entries import title_popularity
from tests.unit.matching.items import NOON, bare, item, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from shared.search.resident.rows import TitleRow
    from tests.contracts.sql.conftest import Catalog

MODEL = "words@1"


@pytest.fixture
def at_once(catalog: Catalog) -> Iterator[Engine]:
    """An engine whose statements stand alone, as the product's for reading."""
    engine = create_engine(catalog.engine.url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def run(catalog: Catalog, sql: str, **bound: object) -> None:
    """Execute one statement."""
    with catalog.engine.begin() as connection:
        connection.execute(text(sql), bound)


def ids(catalog: Catalog) -> dict[str, str]:
    """Return ids by title."""
    return {title: str(id_) for id_, title in catalog.rows("SELECT id, title FROM content")}


def everything(catalog: Catalog, page: int = 100) -> list[TitleRow]:
    """Return every title that is read."""
    found = SqlRows(MODEL, catalog.engine, page=page).all()
    return [title for titles in found for title in titles]


def embed(catalog: Catalog, model: str, title: str) -> None:
    """Keep a vector of a title."""
    vector = np.array([0.6, 0.8], np.float32)
    (id_,) = (each for each, name in catalog.rows("SELECT id, title FROM content") if name == title)
    with catalog.engine.begin() as connection:
        SqlDocuments().keep_vectors(connection, model, {id_: NewVector("00" * 16, vector)})


def test_a_title_is_read_with_all_that_ranking_needs(catalog: Catalog) -> None:
    until = NOON + timedelta(days=30)
    offer = stream(audio=("en", "de-DE"), expires_at=until)
    catalog.take(item(themes=("Bank Robbery",), overview="A thief. A thief!", offers=(offer,)))
    embed(catalog, MODEL, "Heat")

    (title,) = everything(catalog)

    assert (title.id, title.title, title.key) == (ids(catalog)["Heat"], "Heat", "heat")
    assert title.keys == ("heat",)
    assert (title.content_type, title.year, title.runtime) == ("movie", 1995, 170)
    assert (title.genres, title.themes) == (("Crime", "Drama"), ("bank robbery",))
    assert title.people == tuple(map(person_key, ("Michael Mann", "Al Pacino")))
    assert title.vector == np.array([0.6, 0.8], FLOATS).tobytes()
    (kept,) = title.offers
    assert (kept.platform, kept.region, kept.offer_type) == ("netflix", "US", "subscription")
    assert (kept.audio, kept.starts, kept.ends) == (("en", "de-DE"), None, until.timestamp())
    assert kept.since == NOON.timestamp()


def test_who_has_more_votes_is_likelier_meant_as_in_suggestions(catalog: Catalog) -> None:
    catalog.take(*(bare("netflix", name, name) for name in ("Heat", "Ronin", "Thief")))
    told = {"Heat": (0.72, 9413), "Ronin": (0.3, 57), "Thief": (1.0, None)}
    for name, (popularity, votes) in told.items():
        known = "UPDATE content SET popularity_score = :p, vote_count = :v WHERE title = :name"
        run(catalog, known, p=popularity, v=votes, name=name)

    found = {title.title: title.prior for title in everything(catalog)}

    assert found == {
        name: pytest.approx(title_popularity(*said), abs=1e-6) for name, said in told.items()
    }


def test_words_say_where_they_stand_in_order(catalog: Catalog) -> None:
    catalog.take(item(overview="A thief in the heat. A thief!"))

    (title,) = everything(catalog)

    assert title.words["heat"] == "AD"
    assert title.words["pacino"] == "B"
    assert title.words["crime"] == "C"
    assert title.words["thief"] == "DD"


@pytest.mark.parametrize("page", [1, 2, 100])
def test_every_living_title_is_read_once_in_the_order_of_ids(catalog: Catalog, page: int) -> None:
    names = ["Heat", "Ronin", "Thief", "Collateral", "Ali"]
    catalog.take(*(bare("netflix", name, name) for name in names))
    run(catalog, "UPDATE content SET deleted_at = now() WHERE title = 'Ali'")
    run(catalog, "UPDATE content SET merged_into = id WHERE title = 'Thief'")

    found = everything(catalog, page)

    known = ids(catalog)
    assert [title.id for title in found] == sorted(known[name] for name in names[:2] + names[3:4])


def test_a_catalog_is_read_as_of_one_moment(catalog: Catalog) -> None:
    catalog.take(*(bare("netflix", name, name) for name in ("Heat", "Ronin", "Thief")))
    pages = SqlRows(MODEL, catalog.engine, page=1).all()
    first = next(pages)

    run(catalog, "UPDATE content SET title = 'Other', deleted_at = now()")
    catalog.take(bare("netflix", "Ali", "Ali"))

    found = [*first, *(title for page in pages for title in page)]
    assert {title.title for title in found} == {"Heat", "Ronin", "Thief"}


def test_an_empty_catalog_has_no_pages(catalog: Catalog, at_once: Engine) -> None:
    assert everything(catalog) == []
    assert SqlRows(MODEL, at_once).some([]) == []


def test_some_titles_are_read_as_all_are(catalog: Catalog, at_once: Engine) -> None:
    catalog.take(item(), bare("netflix", "2", "Ronin"), bare("netflix", "3", "Thief"))
    run(catalog, "UPDATE content SET deleted_at = now() WHERE title = 'Thief'")
    nobody = "00000000-0000-0000-0000-000000000000"

    found = SqlRows(MODEL, at_once, page=2).some([*ids(catalog).values(), nobody])

    assert sorted(found, key=lambda title: title.id) == everything(catalog)


def test_what_was_ended_is_no_offer_and_what_expired_is_judged_later(catalog: Catalog) -> None:
    catalog.take(item(offers=(stream(), stream(type="rental"))))
    run(catalog, "UPDATE availability SET ended_at = now() WHERE offer_type = 'rental'")
    run(catalog, "UPDATE availability SET expires_at = :then", then=NOON - timedelta(days=1))

    (title,) = everything(catalog)

    assert [offer.offer_type for offer in title.offers] == ["subscription"]


def test_an_offer_counts_from_when_it_can_be_watched(catalog: Catalog) -> None:
    soon = NOON + timedelta(days=3)
    catalog.take(item(offers=(stream(available_from=soon),)))

    (title,) = everything(catalog)

    assert (title.offers[0].since, title.offers[0].starts) == (soon.timestamp(),) * 2


def test_a_vector_of_another_model_is_none(catalog: Catalog) -> None:
    catalog.take(item())
    embed(catalog, "another@1", "Heat")

    assert [title.vector for title in everything(catalog)] == [None]


def test_edges_are_the_ten_strongest_and_franchises_are_said(catalog: Catalog) -> None:
    catalog.take(item())
    run(
        catalog,
        """
        INSERT INTO content_edge
        SELECT c.id, gen_random_uuid(), 'similar_to', n / 20.0, 'test', now()
        FROM content c CROSS JOIN generate_series(1, 12) AS n
        """,
    )
    run(catalog, "INSERT INTO content_franchise SELECT id, id, now() FROM content")

    (title,) = everything(catalog)

    assert [weight for _, weight in title.edges] == [n / 20 for n in range(12, 2, -1)]
    assert title.franchise == title.id
    assert title.called is None


def test_the_name_of_its_franchise_counts_as_one_of_a_titles_own(catalog: Catalog) -> None:
    catalog.take(item())
    run(
        catalog,
        "INSERT INTO content_franchise (content_id, franchise, called, updated_at) "
        "SELECT id, id, 'crime saga', now() FROM content",
    )

    (title,) = everything(catalog)

    assert title.called == "crime saga"
    assert title.words["saga"] == "A"
    assert "crime saga" not in title.keys
