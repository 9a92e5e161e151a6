"""Bodies of forms (``application/x-www-form-urlencoded``, WHATWG URL §5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from shared.kernel.errors import MalformedError

if TYPE_CHECKING:
    from shared.runtime.messages import Request

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


def form(request: Request) -> dict[str, str]:
    """Return a form's fields; one without a value is as if it were not there (RFC 6749 §3.2).

    Raises:
        MalformedError: It is no form, no UTF-8, too many fields, or has one of them twice.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise MalformedError(f"the body is to be {MEDIA_TYPE}")
    try:
        text = request.body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise MalformedError("the form cannot be read") from None
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise MalformedError("the form has a field twice")
    return {name: value for name, value in pairs if value}
