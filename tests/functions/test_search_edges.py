"""The graph's job over a real database, and what answers read of what it made."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.graph.reads import SqlEdges, SqlTraits
from shared.adapters.sql.graph.store import SqlGraph, nodes
from shared.adapters.sql.search import SqlDocuments
from shared.search.document import embedding_text
from shared.search.graph.edges import Neighbors
from shared.search.graph.walk import GraphRetriever
from shared.search.indexing import NewVector
from shared.search.ports import Asked, Seed
from tests.fakes import catalog
from tests.fakes.edge import load
from tests.fakes.edges import by_src
from tests.fakes.embedder import WordsEmbedder

LANA = {"name": "Lana Wachowski", "role": "director"}
KEANU = {"name": "Keanu Reeves", "role": "actor"}
SEQUEL = "The Matrix Reloaded 2"
IN_BRITAIN: dict[str, Any] = {"region": "GB"}  # pages that the seeded catalog has not seen
FILMS = [
    catalog.known("The Matrix Reloaded", 801, credits=(LANA, KEANU), **IN_BRITAIN),
    catalog.known(SEQUEL, 802, credits=(LANA, KEANU), **IN_BRITAIN),
    catalog.known("Jupiter Ascending", 803, credits=(LANA,), **IN_BRITAIN),
    catalog.known("Speed", 804, credits=(KEANU,), genres=("Action", "Drama"), **IN_BRITAIN),
]


def rows(sql: str, **bound: object) -> list[Any]:
    """Return every row of a statement."""
    with connect.engine().begin() as connection:
        found = connection.execute(text(sql), bound)
        return list(found) if found.returns_rows else []


def id_of(title: str) -> str:
    ((found,),) = rows("SELECT id FROM content WHERE title = :title", title=title)
    return str(found)


def titles(ids: list[str]) -> list[str]:
    names = {str(id_): title for id_, title in rows("SELECT id, title FROM content")}
    return [names[id_] for id_ in ids]


def edges_of(title: str) -> dict[str, set[str]]:
    """Return the types of edges by the title they lead to."""
    found: dict[str, set[str]] = {}
    for dst, kind in rows(
        "SELECT dst, edge_type FROM content_edge WHERE src = :src", src=id_of(title)
    ):
        found.setdefault(titles([str(dst)])[0], set()).add(kind)
    return found


def embed(model: str = WordsEmbedder.model) -> None:
    """Keep a vector for every title, as if ``model`` had made it."""
    with connect.engine().begin() as connection:
        ids = [row.id for row in connection.execute(text("SELECT id FROM content"))]
        entries = SqlDocuments().read(connection, ids)
        texts = [embedding_text(entry.document) for entry in entries]
        made = zip(entries, WordsEmbedder().embed(texts, "document"), strict=True)
        new = {entry.document.id: NewVector("00" * 16, vector) for entry, vector in made}
        SqlDocuments().keep_vectors(connection, model, new)


@pytest.fixture
def films(catalogue: connect.Addresses) -> None:
    """A catalog with vectors in which four films have people in common."""
    assert catalogue.artifacts_dir.exists()
    catalog.ingest(connect.engine(), FILMS)
    embed()


def build(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run the job and return its summary."""
    assert load("search_edges").handle([]) == 0
    summary: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return summary


@pytest.mark.usefixtures("films")
def test_edges_say_why_titles_are_neighbors(capsys: pytest.CaptureFixture[str]) -> None:
    summary = build(capsys)

    found = edges_of("The Matrix Reloaded")
    assert found["The Matrix Reloaded 2"] >= {"similar_to", "same_franchise", "same_director"}
    assert "same_director" in found["Jupiter Ascending"]
    assert summary["titles"] >= catalog.MADE
    ((most, most_weight),) = rows(
        "SELECT max(n), max(w) FROM "
        "(SELECT count(*) AS n, max(weight) AS w FROM content_edge GROUP BY src) AS by_src"
    )
    assert most <= 50
    assert most_weight <= 1


@pytest.mark.usefixtures("films")
def test_a_second_run_writes_nothing_and_a_changed_title_alone_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = build(capsys)
    assert first["written"] > 0
    assert build(capsys) == first | {"written": 0}

    rows("DELETE FROM credit WHERE content_id = :id", id=id_of("Jupiter Ascending"))

    build(capsys)
    assert "same_director" not in edges_of("The Matrix Reloaded").get("Jupiter Ascending", set())


@pytest.mark.usefixtures("films")
def test_a_deleted_title_leaves_the_graph(capsys: pytest.CaptureFixture[str]) -> None:
    build(capsys)
    gone = id_of("The Matrix Reloaded 2")
    rows("UPDATE content SET deleted_at = now() WHERE id = :id", id=gone)

    assert build(capsys)["gone"] > 0

    assert rows("SELECT FROM content_edge WHERE src = :id OR dst = :id", id=gone) == []
    assert rows("SELECT FROM content_franchise WHERE content_id = :id", id=gone) == []


@pytest.mark.usefixtures("films")
def test_a_franchise_keeps_the_name_that_a_title_is_asked_for_by_and_forgets_it() -> None:
    member = id_of("Jupiter Ascending")
    said = "SELECT called, words::text FROM content_franchise WHERE content_id = :id"

    SqlGraph().keep([Neighbors(str(member), str(member), (), "star wars")])
    assert rows(said, id=member) == [("star wars", "'star':1A 'wars':2A")]
    SqlGraph().keep([Neighbors(str(member), str(member), ())])
    assert rows(said, id=member) == [(None, None)]


@pytest.mark.usefixtures("films")
def test_vectors_of_another_model_make_no_edges(capsys: pytest.CaptureFixture[str]) -> None:
    embed("another@1")

    build(capsys)

    assert rows("SELECT FROM content_edge WHERE edge_type = 'similar_to'") == []
    assert "same_director" in edges_of("Jupiter Ascending")["The Matrix Reloaded"]
    assert "shared_cast" in edges_of("Speed")["The Matrix Reloaded"]


@pytest.mark.usefixtures("films")
def test_a_title_is_described_by_an_overview_or_by_themes() -> None:
    for title, overview in (("Speed", "A bus."), ("Jupiter Ascending", ""), (SEQUEL, None)):
        said = {"overview": overview, "title": title}
        rows("UPDATE content SET overview = :overview WHERE title = :title", **said)
        rows("DELETE FROM content_theme WHERE content_id = :id", id=id_of(title))
    rows("UPDATE content SET overview = NULL WHERE title = 'The Matrix Reloaded'")
    themes = "INSERT INTO content_theme (content_id, value, ord) VALUES (:id, 'dream', 1)"
    rows(themes, id=id_of("The Matrix Reloaded"))

    found = {node.title: node.described for node in nodes(WordsEmbedder.model)}

    assert found["Speed"]
    assert found["The Matrix Reloaded"]
    assert not found["Jupiter Ascending"]
    assert not found[SEQUEL]


@pytest.mark.usefixtures("films")
def test_a_walk_finds_near_titles_first_and_not_what_the_viewer_saw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(capsys)
    start = id_of("The Matrix Reloaded")

    hits = GraphRetriever(SqlEdges()).retrieve(Asked("", seeds=(Seed(start, 0.3),)), limit=40)

    found = titles([hit.content_id for hit in hits])
    assert found[0] == "The Matrix Reloaded 2"
    assert "The Matrix Reloaded" not in found
    assert len(found) == len(set(found)) > 10
    assert GraphRetriever(SqlEdges()).retrieve(Asked("", seeds=()), limit=40) == []


@pytest.mark.usefixtures("films")
def test_the_strongest_edges_of_several_titles_are_read_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(capsys)
    nobody = "00000000-0000-0000-0000-000000000000"
    ids = [id_of("The Matrix Reloaded"), id_of("Speed")]

    found = by_src(SqlEdges().strongest([*ids, nobody], branches=10))

    assert found.keys() == set(ids)
    for src, edges in found.items():
        kept = rows("SELECT weight FROM content_edge WHERE src = :src ORDER BY 1 DESC", src=src)
        assert [weight for _, weight in edges] == pytest.approx([w for (w,) in kept[:10]], abs=1e-6)


@pytest.mark.usefixtures("films")
def test_traits_are_the_first_genre_the_franchise_and_the_vector(
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(capsys)
    both = [id_of("The Matrix Reloaded"), id_of("The Matrix Reloaded 2")]
    speed = id_of("Speed")

    found = SqlTraits().traits([*both, speed, "00000000-0000-0000-0000-000000000000"])

    assert found.keys() == {*both, speed}
    assert found[both[0]].franchise == found[both[1]].franchise is not None
    assert (found[speed].genre, found[speed].franchise) == ("Action", None)
    vector = found[speed].vector
    assert vector is not None
    assert vector.shape == (WordsEmbedder.dimension,)
    assert float(vector @ vector) == pytest.approx(1)


@pytest.mark.usefixtures("films")
def test_vectors_of_two_models_are_never_given_together() -> None:
    speed, other = id_of("Speed"), id_of("Jupiter Ascending")
    rows("UPDATE content_embedding SET model = 'another@1' WHERE content_id = :id", id=speed)

    found = SqlTraits().traits([speed, other, id_of("The Matrix Reloaded")])

    assert found[speed].vector is None
    assert found[other].vector is not None
    assert SqlTraits().traits([]) == {}
