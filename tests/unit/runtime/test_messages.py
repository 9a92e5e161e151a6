"""What a handler is given: bodies that cannot be read are the caller's to mend."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, JsonValue

from shared.kernel.errors import InvalidInputError, MalformedError
from shared.runtime.messages import Request


class Anything(BaseModel):
    """Takes any JSON in one field."""

    field: JsonValue


@pytest.mark.parametrize("levels", [300, 900, 1100, 100_000])
def test_a_body_that_is_nested_too_deep_is_refused_as_unreadable(levels: int) -> None:
    body = b'{"field": ' + b"[" * levels + b"]" * levels + b"}"

    with pytest.raises((MalformedError, InvalidInputError)):
        Request("POST", "/", body=body).json(Anything)


def test_a_body_of_usual_depth_is_read() -> None:
    body = b'{"field": ' + b"[" * 50 + b"7.0" + b"]" * 50 + b"}"
    found = Request("POST", "/", body=body).json(Anything).field

    while isinstance(found, list):
        (found,) = found
    assert (found, type(found)) == (7, int)
