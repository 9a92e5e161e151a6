"""What may change from one revision of a Protocol Buffer schema to the next.

https://cloud.google.com/pubsub/docs/commit-schema-revision: optional fields can be added and
removed, no other; what a field is can not change. Fields go by their numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.core.methods import Proto


def check_follows(later: Proto, earlier: Proto) -> None:
    """Accept two messages' descriptors, as those of successive revisions.

    Raises:
        ValueError: They can not be; the message names the field.
    """
    if later.full_name != earlier.full_name:
        raise ValueError(f"the message {earlier.full_name!r} has another name")
    _check_message(later, earlier, set())


def _check_message(later: Proto, earlier: Proto, seen: set[str]) -> None:
    if later.full_name in seen:
        return
    seen.add(later.full_name)
    now, before = later.fields_by_number, earlier.fields_by_number
    for number in sorted({*now, *before}):
        if number in now and number in before:
            _check_field(now[number], before[number], seen)
        else:
            _check_optional((now if number in now else before)[number])


def _check_field(later: Proto, earlier: Proto, seen: set[str]) -> None:
    if _look(later) != _look(earlier):
        raise ValueError(f"the field {earlier.full_name!r} can not change")
    if later.message_type is not None:
        _check_message(later.message_type, earlier.message_type, seen)


def _look(field: Proto) -> tuple[object, ...]:
    kind = field.message_type or field.enum_type
    label = (field.is_repeated, field.is_required, field.has_presence)
    oneof = field.containing_oneof
    name = oneof.name if oneof is not None else ""
    return field.name, field.json_name, field.type, label, kind and kind.full_name, name


def _check_optional(field: Proto) -> None:
    if field.is_required or field.is_repeated:
        raise ValueError(f"the field {field.full_name!r} is not optional: it can not come or go")
