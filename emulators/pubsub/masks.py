"""Updates by field mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from emulators.core.methods import Proto


def merged(current: Proto, given: Proto, mask: Proto, mutable: frozenset[str]) -> Proto:
    """Return a copy of ``current`` with the masked fields of ``given``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, for an empty mask or a field that is not mutable.
    """
    kind = current.DESCRIPTOR.name
    if not mask.paths:
        raise errors.invalid_argument(
            f"The update_mask in the Update{kind}Request must be set, "
            "and must contain a non-empty paths list."
        )
    for path in mask.paths:
        if FIELDS.is_refused(kind, path.partition(".")[0]):
            raise errors.unimplemented(f"{kind}.{path} is not supported here")
        if path.partition(".")[0] not in mutable:
            raise errors.invalid_argument(
                f"Invalid update_mask provided in the Update{kind}Request: {path!r} can not be "
                "updated."
            )
    result = copied(current)
    mask.MergeMessage(given, result, replace_message_field=True, replace_repeated_field=True)
    return result


def copied(message: Proto) -> Proto:
    """Return a copy that may be changed."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy
