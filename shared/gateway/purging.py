"""Which tags an event makes untrue."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from shared.kernel.events import Event


class _Titles(BaseModel):
    content_ids: list[UUID]


def tags_of_event(event: Event) -> tuple[str, ...]:
    """Return the ids of the titles that an event speaks of, as answers are tagged with them.

    Raises:
        InvalidInputError: It names none, or something that is no id; no repetition mends that.
    """
    try:
        found = _Titles.model_validate(event.data)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, issue["loc"])) for issue in error.errors())
        raise InvalidInputError(f"{event.event_type} is not acceptable: {fields}") from None
    return tuple(map(str, found.content_ids))
