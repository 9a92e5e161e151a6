"""The resources a request is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.methods import Proto

_PREFIX = "projects/"
# What a document or a query says may name resources, but it is not about them.
_CONTENT = frozenset({"google.firestore.v1.Value", "google.protobuf.Struct", "google.protobuf.Any"})


def resources_of(request: Proto) -> tuple[str, ...]:
    """Return the full names (``projects/…``) in the fields of a message, or of a JSON object."""
    if isinstance(request, dict):
        return tuple(dict.fromkeys(_of_json(request)))
    if not hasattr(request, "ListFields"):
        return ()
    return tuple(dict.fromkeys(_of_message(request)))


def _of_message(message: Proto) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.message_type is None:
            yield from _names(value if field.is_repeated else (value,))
        elif not _is_content(field.message_type):
            for each in value if field.is_repeated else (value,):
                yield from _of_message(each)


def _is_content(kind: Proto) -> bool:
    # A map's values are labels, attributes or the fields of a document.
    return kind.full_name in _CONTENT or kind.GetOptions().map_entry


def _of_json(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        yield from _names(value.values())
    elif isinstance(value, list):
        yield from _names(value)


def _names(values: Any) -> Iterator[str]:  # noqa: ANN401 - values of any kind
    for value in values:
        if isinstance(value, str) and value.startswith(_PREFIX):
            yield value
