"""Files that a form brings (``multipart/form-data``, RFC 7578)."""

from __future__ import annotations

import re
from email.parser import BytesParser
from typing import TYPE_CHECKING

from shared.kernel.errors import MalformedError, UnsupportedTypeError

if TYPE_CHECKING:
    from email.message import Message

    from shared.runtime.messages import Request

MEDIA_TYPE = "multipart/form-data"
MOST_PARTS = 8
LONGEST_TYPE = 256
LONGEST_TEXT = 1024
"""Bytes of a field that is no file."""
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046 §5.1.1."""
_NESTED = re.compile(rb"^content-type:\s*(?:multipart|message)\b", re.IGNORECASE | re.MULTILINE)
"""Parts within parts: no form has them (RFC 7578 §4.3), and each level costs the parser more."""


def upload(request: Request, field: str) -> bytes:
    """Return the content of one field of a form.

    Args:
        request: With the whole form as its body.
        field: Its name; others are looked at by nobody.

    Raises:
        UnsupportedTypeError: The body is no such form.
        MalformedError: It ends too early, has too many parts, or the field not exactly once.
    """
    found = [part for part in _form(request) if _name(part) == field]
    if len(found) != 1:
        raise MalformedError(f"the form is to have one field {field}")
    content = found[0].get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def texts(request: Request) -> dict[str, str]:
    """Return the fields of a form that are no files; one that is there twice is as the first.

    Raises:
        UnsupportedTypeError: The body is no such form.
        MalformedError: It ends too early, or has too many parts.
    """
    found: dict[str, str] = {}
    for part in _form(request):
        content = part.get_payload(decode=True)
        if part.get_filename() is None and isinstance(content, bytes):
            found.setdefault(_name(part), content[:LONGEST_TEXT].decode(errors="replace"))
    return found


def _form(request: Request) -> list[Message]:
    said = request.headers.get("content-type", "")
    if said.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedTypeError(f"the body is to be {MEDIA_TYPE}")
    return _parts(said, request.body)


def _parts(said: str, body: bytes) -> list[Message]:
    """Return the parts of a form, once nothing about it can take the parser long."""
    head = f"content-type: {said}\r\n\r\n".encode("latin-1")
    form = BytesParser().parsebytes(head, headersonly=True)
    boundary = str(form.get_param("boundary", ""))
    if len(said) > LONGEST_TYPE or not _BOUNDARY.fullmatch(boundary):
        raise MalformedError("the form has no acceptable boundary")
    if body.count(b"--" + boundary.encode()) > MOST_PARTS + 1 or _NESTED.search(body):
        raise MalformedError(f"the form has over {MOST_PARTS} parts, or parts within parts")
    form = BytesParser().parsebytes(head + body)
    if form.defects or not form.is_multipart():
        raise MalformedError("the form ends too early, or is none")
    return [part for part in form.get_payload() if not isinstance(part, str)]


def _name(part: Message) -> str:
    return str(part.get_param("name", "", header="content-disposition"))
