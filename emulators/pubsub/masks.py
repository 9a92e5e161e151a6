"""Updates by field mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulators.core.methods import Proto


def merged(current: Proto, given: Proto, mask: Proto, mutable: Collection[str]) -> Proto:
    """Return a copy of ``current`` with the masked fields of ``given``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, for an empty mask, a field that there is not or that is not
            mutable; UNIMPLEMENTED, for one that is not supported.
    """
    kind = current.DESCRIPTOR.name
    if not mask.paths:
        raise errors.invalid_argument(
            f"The update_mask in the Update{kind}Request must be set, "
            "and must contain a non-empty paths list."
        )
    for path in mask.paths:
        _check(path, current.DESCRIPTOR, mutable)
    result = copied(current)
    mask.MergeMessage(given, result, replace_message_field=True, replace_repeated_field=True)
    return result


def copied(message: Proto) -> Proto:
    """Return a copy that may be changed."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _check(path: str, descriptor: Proto, mutable: Collection[str]) -> None:
    kind, first = descriptor.name, path.partition(".")[0]
    wrong = f"Invalid update_mask provided in the Update{kind}Request: "
    if not _is_field(path, descriptor):
        raise errors.invalid_argument(
            f"{wrong}{path} is not a known {kind} field. Note that field paths must be of the form "
            "'push_config' rather than 'pushConfig'."
        )
    if FIELDS.is_refused(kind, first):
        raise errors.unimplemented(f"{kind}.{path} is not supported here")
    if first not in mutable:
        raise errors.invalid_argument(f"{wrong}{path!r} can not be updated.")


def _is_field(path: str, descriptor: Proto) -> bool:
    """Whether a path leads through single messages to a field; none leads into a map or a list."""
    first, _, rest = path.partition(".")
    field = descriptor.fields_by_name.get(first)
    if field is None or not rest:
        return field is not None
    inner = None if field.is_repeated else field.message_type
    return inner is not None and _is_field(rest, inner)
