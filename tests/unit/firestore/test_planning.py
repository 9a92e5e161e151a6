"""Which indexes serve which queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.admin.settings import AUTOMATIC
from emulators.firestore.messages import StructuredQuery
from emulators.firestore.names import Path
from emulators.firestore.planning.definitions import NAME, Definition, Kind, Part, composite
from emulators.firestore.planning.needs import Need, needs, served
from emulators.firestore.queries.query import Query
from tests.unit.firestore.model import OPERATORS, ROOT, as_value
from tests.unit.firestore.test_model import questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.firestore.model import Question

UP, DOWN, IN, VECTOR = Kind.ASCENDING, Kind.DESCENDING, Kind.CONTAINS, Kind.VECTOR
WAYS = {"+": UP, "-": DOWN, "*": IN}


def index(said: str, *, group: bool = False) -> Definition:
    """Return an index of ``c``: ``a+ b- c*``, with the name at the end as ``__name__+``."""
    parts = tuple(Part(NAME if w[:-1] == "name" else (w[:-1],), WAYS[w[-1]]) for w in said.split())
    return Definition("c", group, parts)


def query(*filters: tuple[str, str, Any], order: str = "", group: bool = False) -> Query:
    """Return a query of ``c``; the order as ``a+ b-``."""
    said = StructuredQuery()
    said.from_.add(collection_id="c", all_descendants=group)
    for path, operator, value in filters:
        said.where.composite_filter.op = 1
        each = said.where.composite_filter.filters.add().field_filter
        each.field.field_path, each.op = path, OPERATORS[operator]
        each.value.CopyFrom(as_value(value))
    for word in order.split():
        path = "__name__" if word[:-1] == "name" else word[:-1]
        said.order_by.add(direction=1 + (word[-1] == "-")).field.field_path = path
    return Query(Path(ROOT, ()), said)


def is_served(asked: Query, *indexes: Definition, modes: Any = AUTOMATIC) -> bool:  # noqa: ANN401 - modes or what finds them
    """Tell whether indexes, and those of each field, serve a query."""
    by_field = modes if callable(modes) else lambda _: modes
    return all(served(need, indexes, by_field) is not None for need in needs(asked))


A, B = ("a", "==", 1), ("b", "==", 2)


@pytest.mark.parametrize(
    "asked",
    [
        query(),
        query(A),
        query(A, B),
        query(A, B, ("t", "array-contains", 1)),
        query(("a", ">", 1)),
        query(("a", "!=", 1)),
        query(("a", "in", [1, 2]), B),
        query(order="a-"),
        query(("a", ">", 1), order="a-"),
        query(A, order="name-"),
        query(A, order="a+ name+"),
        query(A, order="name+"),
        query(group=True),
    ],
)
def test_no_composite_index_is_needed(asked: Query) -> None:
    assert is_served(asked)


@pytest.mark.parametrize(
    ("asked", "generated"),
    [
        (query(A, order="b+"), "a+ b+ name+"),
        (query(A, order="b-"), "a+ b- name-"),
        (query(A, order="b- name+"), "a+ b- name+"),
        (query(order="a+ b-"), "a+ b- name-"),
        (query(order="a- name+"), "a- name+"),
        (query(order="name-"), "name-"),
        (query(("a", ">", 1), ("b", "<", 2)), "a+ b+ name+"),
        (query(("t", "array-contains", 1), order="a-"), "t* a- name-"),
        (query(("a", "in", [1]), order="b- a+"), "a+ b- name+"),
        (query(A, ("b", "not-in", [1])), "a+ b+ name+"),
    ],
)
def test_a_composite_index_is_needed_in_its_own_directions(asked: Query, generated: str) -> None:
    assert not is_served(asked)
    (need,) = needs(asked)
    assert need.generated == index(generated)
    assert is_served(asked, index(generated))
    turned = generated.translate(str.maketrans("+-", "-+"))
    if len(generated.split()) > 2 or need.asked == frozenset():
        assert not is_served(asked, index(turned)), "indexes are not walked backwards"
    assert not is_served(asked, index(generated, group=True)), "another scope"


def test_indexes_that_end_alike_are_merged() -> None:
    asked = query(A, B, order="r-")
    assert is_served(asked, index("a+ r- name-"), index("b- r- name-"))
    assert not is_served(asked, index("a+ r- name-"), index("b- r+ name+"))
    assert not is_served(asked, index("a+ r- name-"))


def test_an_index_with_a_field_that_is_not_asked_for_leaves_documents_out() -> None:
    assert not is_served(query(A, order="b+"), index("a+ x+ b+ name+"))


def test_each_part_of_an_or_is_served_by_itself() -> None:
    said = StructuredQuery()
    said.from_.add(collection_id="c")
    said.where.composite_filter.op = 2
    for path in ("a", "b"):
        each = said.where.composite_filter.filters.add().field_filter
        each.field.field_path, each.op = path, 5
        each.value.integer_value = 1
    said.order_by.add().field.field_path = "r"
    asked = Query(Path(ROOT, ()), said)
    assert not is_served(asked, index("a+ r+ name+"))
    assert is_served(asked, index("a+ r+ name+"), index("b+ r+ name+"))


def test_all_collections_of_an_id_have_indexes_of_their_own() -> None:
    asked = query(A, group=True)
    assert not is_served(asked)
    assert is_served(asked, modes=AUTOMATIC | {(UP, True)})
    assert is_served(query(A, B, group=True), index("a+ b+ name+", group=True))


def test_a_field_that_is_exempt_is_served_by_composite_indexes_alone() -> None:
    def modes(path: tuple[str, ...]) -> Any:  # noqa: ANN401 - modes
        return frozenset() if path == ("a",) else AUTOMATIC

    assert not is_served(query(A), modes=modes)
    assert not is_served(query(A, B), modes=modes)
    assert is_served(query(A, B), index("a+ b+ name+"), modes=modes)


@pytest.mark.parametrize("dimension", [2, 3])
def test_nearest_vectors_need_an_index_of_their_length_with_all_that_is_asked(
    dimension: int,
) -> None:
    asked = query(A)
    asked.said.find_nearest.vector_field.field_path = "v"
    vector = asked.said.find_nearest.query_vector.map_value.fields
    vector["value"].array_value.values.extend([as_value(1.0), as_value(2.0)])
    parts = (Part(("a",), UP), Part(NAME, UP), Part(("v",), VECTOR, dimension))
    assert not is_served(asked)
    assert is_served(asked, Definition("c", False, parts)) == (dimension == 2)
    assert not is_served(asked, Definition("c", False, parts[1:]))


names = st.sampled_from([("a",), ("b",), ("d",)])
ends = st.lists(
    st.builds(Part, names, st.sampled_from([UP, DOWN])), max_size=2, unique_by=lambda p: p.path
)
order = st.builds(lambda parts, way: (*parts, Part(NAME, way)), ends, st.sampled_from([UP, DOWN]))
asked_for = st.frozensets(st.tuples(names, st.booleans()), max_size=3).filter(
    lambda asked: sum(inside for _, inside in asked) <= 1
)


def is_possible(need: Need) -> bool:
    """Leave out an order by a field that has one value: `needs` drops it."""
    return all((part.path, False) not in need.asked for part in need.order)


wanted = st.builds(Need, st.just("c"), st.just(False), asked_for, order).filter(is_possible)
fronts = st.lists(
    st.builds(Part, names, st.sampled_from([UP, DOWN, IN])), max_size=2, unique_by=lambda p: p.path
)
held = st.dictionaries(st.sampled_from("abd"), st.integers(0, 2) | st.lists(st.integers(0, 2)))


@given(questions)
def test_the_index_that_is_generated_for_a_query_serves_it(question: Question) -> None:
    for need in needs(question.query()):
        assert served(need, [need.generated], lambda _: frozenset()) is not None
        said = need.generated.message()
        if served(need, [], lambda _: AUTOMATIC) is None:
            assert composite("c", said) == need.generated, "it can be made"


@given(wanted, st.lists(fronts, max_size=4), st.lists(held, max_size=8))
def test_whatever_serves_a_need_finds_what_a_look_at_each_document_does(
    need: Need, before: list[list[Part]], documents: list[dict[str, Any]]
) -> None:
    indexes = [Definition("c", False, (*front, *need.order)) for front in before]
    found = served(need, indexes, lambda _: AUTOMATIC)
    if found is None:
        return
    assert served(need, [need.generated], lambda _: frozenset()) is not None

    walks = [walked(each, need, documents) for each in found]
    merged = [name for name in walks[0] if all(name in walk for walk in walks)]

    assert merged == looked(need, documents)


VALUE = 1
"""What is asked for, of every field."""


def walked(made: Definition, need: Need, documents: Sequence[dict[str, Any]]) -> list[int]:
    """Return the documents that an index has for what is asked, in its order."""
    front = made.parts[: len(made.parts) - len(need.order)]
    rows = []
    for name, document in enumerate(documents):
        has = all(part.path == NAME or part.path[0] in document for part in made.parts)
        if has and all(holds(document[part.path[0]], part.kind is IN) for part in front):
            rows.append(name)
    return in_order(rows, made.parts[len(front) :], documents)


def looked(need: Need, documents: Sequence[dict[str, Any]]) -> list[int]:
    """Return the documents that pass, in order, by a look at each."""
    found = []
    for name, document in enumerate(documents):
        fields = {path[0] for path, _ in need.asked}
        fields |= {part.path[0] for part in need.order if part.path != NAME}
        if fields <= document.keys() and all(
            holds(document[path[0]], inside) for path, inside in need.asked
        ):
            found.append(name)
    return in_order(found, need.order, documents)


def holds(value: int | list[int], inside: bool) -> bool:
    """Tell whether a value is what is asked for, or contains it."""
    return VALUE in value if inside and isinstance(value, list) else not inside and value == VALUE


def in_order(
    found: list[int], order: Sequence[Part], documents: Sequence[dict[str, Any]]
) -> list[int]:
    """Return documents in an order."""
    for part in reversed(order):
        found = sorted(
            found,
            key=lambda name, part=part: rank(
                name if part.path == NAME else documents[name][part.path[0]]
            ),  # type: ignore[misc]
            reverse=part.kind is DOWN,
        )
    return found


def rank(value: int | list[int]) -> tuple[int, list[int]]:
    """Return what orders numbers before arrays."""
    return (1, value) if isinstance(value, list) else (0, [value])
