"""Files that forms bring."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import MalformedError, UnsupportedTypeError
from shared.runtime.messages import Request
from shared.runtime.uploads import upload
from tests.fakes.pictures import BOUNDARY, FORM, form


def brought(body: bytes, headers: dict[str, str] = FORM) -> bytes:
    """Return what a form brings in its field for an avatar."""
    return upload(Request("POST", "/", headers=headers, body=body), "avatar")


@given(st.binary(max_size=300))
def test_every_byte_arrives_as_it_was_sent(content: bytes) -> None:
    assert brought(form(content + b".")) == content + b"."


@given(st.binary(max_size=300), st.integers(0, 400))
def test_whatever_is_sent_is_taken_or_refused(noise: bytes, cut: int) -> None:
    with suppress(MalformedError):  # any other would be a mistake of ours
        assert isinstance(brought(form(noise)[:cut] + noise), bytes)


def test_another_kind_of_body_is_told_so() -> None:
    for kind in ("image/png", "application/json", ""):
        with pytest.raises(UnsupportedTypeError):
            brought(b"x", {"content-type": kind})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        form(b"x")[:-8],
        form(b"x", field="other"),
        form(b"x").removesuffix(f"--{BOUNDARY}--\r\n".encode()) + form(b"y"),
        f"--{BOUNDARY}\r\n\r\n".encode() * 9 + form(b"x"),
        form(b"x", kind="multipart/mixed; boundary=inner"),
        form(b"x", kind="message/rfc822"),
    ],
)
def test_a_form_that_is_not_whole_or_holds_others_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedError):
        brought(body)


@pytest.mark.parametrize("boundary", ["", " ", "x" * 71, "a b ", "\u00e9", '"', "x" * 300])
def test_a_boundary_that_the_standard_does_not_know_is_refused(boundary: str) -> None:
    with pytest.raises(MalformedError):
        brought(form(b"x"), {"content-type": f'multipart/form-data; boundary="{boundary}"'})
