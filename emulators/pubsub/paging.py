"""Lists by page."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulators.core.methods import Proto

_PAGE = 100
_MOST = 1000
_MARK = "after:"


def page(
    found: Sequence[Proto], request: Proto, name: Callable[[Proto], str]
) -> tuple[Sequence[Proto], str]:
    """Return a page of what is sorted by name, and the token of the next.

    The token hides the last name of this page; a page_size of 0 means 100, more than 1000 means
    1000.

    Raises:
        EmulatorError: INVALID_ARGUMENT, for a negative page_size, or a page_token that is none.
    """
    if request.page_size < 0:
        raise errors.invalid_argument(f"page_size must not be negative: {request.page_size}")
    size = min(request.page_size or _PAGE, _MOST)
    after = _read(request.page_token) if request.page_token else ""
    rest = [item for item in found if name(item) > after]
    part = rest[:size]
    return part, _token(name(part[-1])) if len(rest) > size else ""


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{name}".encode()).decode()


def _read(token: str) -> str:
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith(_MARK):
        raise errors.invalid_argument(f"Invalid page_token given (page_token={token}).")
    return text.removeprefix(_MARK)
