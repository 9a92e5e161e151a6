"""Vector search: the documents whose vector is nearest to a given one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import checks, fields, values
from emulators.firestore.messages import Document, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Version

EUCLIDEAN, COSINE, DOT_PRODUCT = 1, 2, 3
MOST = 1000
_EXCLUDED = {
    "limit": "A query limit",
    "offset": "A query offset",
    "start_at": "A cursor",
    "end_at": "A cursor",
}


def nearest(said: Proto, found: Iterable[Version]) -> list[tuple[Version, float]]:
    """Return documents with their distances, the nearest first; of dot products the largest."""
    path, given = fields.parse(said.vector_field.field_path), _numbers(said.query_vector)
    away = [
        (version, _distance(said.distance_measure, given, held))
        for version, held in _vectors(found, path, len(given))
    ]
    away.sort(key=lambda each: each[1], reverse=said.distance_measure == DOT_PRODUCT)
    if said.HasField("distance_threshold"):
        most = said.distance_threshold.value
        larger = said.distance_measure == DOT_PRODUCT
        away = [each for each in away if (each[1] >= most if larger else each[1] <= most)]
    return away[: said.limit.value]


def check(query: Proto) -> None:
    """Refuse a search that says too little or too much.

    Args:
        query: A StructuredQuery with ``find_nearest``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the field.
    """
    for name, what in _EXCLUDED.items():
        if query.HasField(name) if name != "offset" else query.offset:
            raise errors.invalid_argument(f"{what} cannot be used with FindNearest ({name}).")
    said = query.find_nearest
    if not 0 < said.limit.value <= MOST:
        raise errors.invalid_argument(f"FindNearest.limit must be from 1 to {MOST}.")
    if said.distance_measure not in {EUCLIDEAN, COSINE, DOT_PRODUCT}:
        raise errors.invalid_argument("FindNearest.distance_measure is required.")
    fields.parse(said.vector_field.field_path)
    if said.distance_result_field:
        checks.field_name(said.distance_result_field)
    checks.vector(said.query_vector, "FindNearest.query_vector")


def with_distance(version: Version, distance: float, name: str) -> Proto:
    """Return a document that says how far it is; unchanged where no field is named for it."""
    if not name or version.document is None:
        return version.document
    made = Document()
    made.CopyFrom(version.document)
    made.fields[name].CopyFrom(Value(double_value=distance))
    return made


def _vectors(
    found: Iterable[Version], path: fields.FieldPath, length: int
) -> Iterator[tuple[Version, Sequence[float]]]:
    for version in found:
        value = None if version.document is None else fields.get(version.document.fields, path)
        if value is not None and value.HasField("map_value") and values.is_vector(value):
            held = _numbers(value)
            if len(held) == length:
                yield version, held


def _numbers(value: Proto) -> list[float]:
    elements = value.map_value.fields["value"].array_value.values
    return [float(values.number(each)) for each in elements]


def _distance(measure: int, given: Sequence[float], held: Sequence[float]) -> float:
    if measure == EUCLIDEAN:
        return math.dist(given, held)
    product = math.sumprod(given, held) if hasattr(math, "sumprod") else _product(given, held)
    if measure == DOT_PRODUCT:
        return product
    lengths = math.hypot(*given) * math.hypot(*held)
    return 1.0 - product / lengths if lengths else math.nan


def _product(given: Sequence[float], held: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(given, held, strict=True))
