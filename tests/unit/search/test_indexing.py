"""What goes into the index, and how good a record is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.quality import Completeness, quality
from shared.search.document import embedding_text, text_hash
from shared.search.indexing import Entry, index_changes, new_vectors, to_entry
from tests.fakes.embedder import WordsEmbedder

records = st.builds(
    Completeness,
    description_length=st.integers(0, 1000),
    poster_width=st.integers(0, 2000),
    has_backdrop=st.booleans(),
    has_year=st.booleans(),
    has_runtime=st.none() | st.booleans(),
    genres=st.integers(0, 5),
    has_rating=st.booleans(),
    vote_count=st.none() | st.integers(0, 10_000),
    external_ids=st.integers(0, 5),
)
ages = st.floats(0, 10_000)


@given(records, ages, ages)
def test_quality_never_grows_with_age_and_keeps_half(
    record: Completeness, one: float, other: float
) -> None:
    young, old = sorted((one, other))
    fresh = quality(record, days_since_checked=0)

    assert 0 <= fresh <= 1 + 1e-9
    assert quality(record, days_since_checked=old) <= quality(record, days_since_checked=young)
    assert quality(record, days_since_checked=old) >= fresh / 2 - 1e-9


def entry(**traits: Any) -> Entry:  # noqa: ANN401 - columns of the row
    unset = (
        "release_year runtime_minutes overview average_rating vote_count quality_score genres "
        "maturity_rank themes people offers images vector vector_model vector_text_hash"
    )
    row: dict[str, Any] = dict.fromkeys(unset.split())
    row |= {"id": str(UUID(int=1)), "title": "Heat", "content_type": "movie", "alive": True}
    row |= {"external_ids": 0, "checked_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
    return to_entry(row | traits)


def test_a_record_is_as_complete_as_its_row() -> None:
    images = [{"kind": "poster", "width": 500}, {"kind": "poster", "width": 780}]
    facts = {"overview": "A thief.", "genres": ["Crime"], "vote_count": 7, "external_ids": 2}
    film = entry(images=images, release_year=1995, runtime_minutes=170, average_rating=8, **facts)
    series = entry(images=[{"kind": "backdrop", "width": 1280}], content_type="series")

    assert film.completeness == Completeness(
        description_length=8,
        poster_width=780,
        has_backdrop=False,
        has_year=True,
        has_runtime=True,
        genres=1,
        has_rating=True,
        vote_count=7,
        external_ids=2,
    )
    assert series.completeness == Completeness(
        description_length=0,
        poster_width=0,
        has_backdrop=True,
        has_year=False,
        has_runtime=None,
        genres=0,
        has_rating=False,
        vote_count=None,
        external_ids=0,
    )


def embedded(**traits: Any) -> Entry:  # noqa: ANN401 - columns of the row
    text = embedding_text(entry().document)
    vector = WordsEmbedder().embed([text], "document")[0].tobytes()
    made = {"vector": vector, "vector_model": WordsEmbedder.model}
    return entry(**{**made, "vector_text_hash": text_hash(text), **traits})


@pytest.mark.parametrize(
    "traits", [{}, {"alive": False, "vector": None, "vector_model": None}], ids=["same", "dead"]
)
def test_what_needs_no_vector_is_not_embedded(traits: dict[str, Any]) -> None:
    assert new_vectors([embedded(**traits)], WordsEmbedder()) == {}


@pytest.mark.parametrize("traits", [{"title": "Ronin"}, {"vector_model": "older@1"}])
def test_another_text_or_another_model_asks_for_a_new_vector(traits: dict[str, Any]) -> None:
    assert set(new_vectors([embedded(**traits)], WordsEmbedder())) == {UUID(int=1)}


def test_the_index_takes_the_living_drops_the_dead_and_mixes_no_models() -> None:
    model, unknown = WordsEmbedder.model, UUID(int=9)

    assert [p.id for p in index_changes([embedded()], [UUID(int=1)], model)[0]] == [
        str(UUID(int=1))
    ]
    assert index_changes([embedded(alive=False)], [UUID(int=1)], model) == ([], [str(UUID(int=1))])
    assert index_changes([embedded(vector_model="older@1")], [UUID(int=1)], model) == ([], [])
    assert index_changes([], [unknown], model) == ([], [str(unknown)])
