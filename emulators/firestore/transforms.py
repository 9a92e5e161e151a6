"""Transforms: what the server makes of a field, from what it holds when the write happens."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import checks, fields, values
from emulators.firestore.messages import ArrayValue, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emulators.core.methods import Proto

MOST = 500
LARGEST, SMALLEST = 2**63 - 1, -(2**63)
REQUEST_TIME = 1
MICROSECONDS = 1_000_000


def apply(document: Proto, transform: Proto, time: int) -> Proto:
    """Change one field of a document and return the transform's result.

    Args:
        document: Changed in place.
        transform: A FieldTransform that was checked.
        time: Of the commit, microseconds.
    """
    kind = transform.WhichOneof("transform_type")
    path = fields.parse(transform.field_path)
    held = fields.get(document.fields, path)
    if kind == "set_to_server_value":
        made = result = _server_value(time)
    else:
        made, result = _TRANSFORMS[kind](held, getattr(transform, kind))
    fields.put(document.fields, path, made)
    return result


def check(steps: Sequence[Proto]) -> None:
    """Refuse transforms that cannot be.

    Args:
        steps: The FieldTransforms of one write.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the field.
    """
    if len(steps) > MOST:
        raise errors.invalid_argument(f"A write has at most {MOST} transforms.")
    for step in steps:
        _check(step)
    paths = sorted({fields.parse(step.field_path) for step in steps})
    for outer, inner in pairwise(paths):
        if inner[: len(outer)] == outer:
            raise errors.invalid_argument(
                f"Cannot transform property {'.'.join(outer)} and its nested property at the same "
                "time."
            )


def _check(step: Proto) -> None:
    kind, name = step.WhichOneof("transform_type"), step.field_path
    if kind is None:
        raise errors.invalid_argument(f"The transform of {name} says nothing.")
    checks.field_name(fields.parse(name)[0])
    if kind == "set_to_server_value":
        if step.set_to_server_value != REQUEST_TIME:
            raise errors.invalid_argument(f"{name} is set to no known server value.")
    elif kind in _OF_ELEMENTS:
        for each in getattr(step, kind).values:
            checks.value(each, name, _OF_ELEMENTS[kind])
    elif not values.is_number(getattr(step, kind)):
        raise errors.invalid_argument(f"{kind} of {name} takes an integer or a double.")


def _server_value(time: int) -> Proto:
    made = Value()
    made.timestamp_value.seconds = time // MICROSECONDS
    made.timestamp_value.nanos = time % MICROSECONDS // 1000 * MICROSECONDS  # milliseconds
    return made


def _increment(held: Proto | None, by: Proto) -> tuple[Proto, Proto]:
    if held is None or not values.is_number(held):
        return by, by
    total = values.number(held) + values.number(by)
    if isinstance(total, int):
        total = max(SMALLEST, min(LARGEST, total))
    made = values.of_number(total)
    return made, made


def _extreme(choose: Callable[..., Proto]) -> Callable[[Proto | None, Proto], tuple[Proto, Proto]]:
    def transform(held: Proto | None, given: Proto) -> tuple[Proto, Proto]:
        if held is None or not values.is_number(held):
            return given, given
        strange = next((each for each in (held, given) if values.key(each) == values.NAN), None)
        made = strange or choose((held, given), key=values.key)  # of equal ones what is there
        return made, made

    return transform


def _append(held: Proto | None, given: Proto) -> tuple[Proto, Proto]:
    elements = _elements(held)
    known = {values.key(each) for each in elements}
    for each in given.values:
        if values.key(each) not in known:
            known.add(values.key(each))
            elements.append(each)
    return _array(elements), Value(null_value=0)


def _remove(held: Proto | None, given: Proto) -> tuple[Proto, Proto]:
    gone = {values.key(each) for each in given.values}
    kept = [each for each in _elements(held) if values.key(each) not in gone]
    return _array(kept), Value(null_value=0)


_TRANSFORMS: dict[str, Callable[[Proto | None, Proto], tuple[Proto, Proto]]] = {
    "increment": _increment,
    "maximum": _extreme(max),
    "minimum": _extreme(min),
    "append_missing_elements": _append,
    "remove_all_from_array": _remove,
}
_OF_ELEMENTS = {"append_missing_elements": 1, "remove_all_from_array": None}
"""How deep elements are that a document is to hold; others are only compared with."""


def _elements(held: Proto | None) -> list[Proto]:
    is_array = held is not None and held.WhichOneof("value_type") == "array_value"
    return list(held.array_value.values) if held is not None and is_array else []


def _array(elements: Iterable[Proto]) -> Proto:
    return Value(array_value=ArrayValue(values=elements))
