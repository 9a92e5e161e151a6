"""Lists by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulators.core.methods import Proto

_PAGE = 100


def page(
    found: Sequence[Proto], request: Proto, name: Callable[[Proto], str]
) -> tuple[Sequence[Proto], str]:
    """Return a page of what is sorted by name, and the token of the next.

    The token is the last name of this page; a page_size of 0 means 100.

    Raises:
        EmulatorError: INVALID_ARGUMENT, for a negative page_size.
    """
    rest = [item for item in found if name(item) > request.page_token]
    size = request.page_size or _PAGE
    if size < 0:
        raise errors.invalid_argument(f"page_size must not be negative: {size}")
    part = rest[:size]
    return part, name(part[-1]) if len(rest) > size else ""
