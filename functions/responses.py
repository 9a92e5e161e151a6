"""What docs/openapi.json says of answers: those that are hoped for, and problems by status."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from functions.route import Auth
from shared.gateway.limits import EXEMPT
from shared.runtime.problems import document as problem_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from functions.operations import Operation
    from shared.runtime.messages import Link

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/{model}"
TRACE_ID = "0f6b2a52-8f0e-4d0a-9a3e-0c5b7d1c9e11"

EVERYWHERE = (400, 404, 413, 429, 500, 502, 503, 504)
"""Statuses of the gateway itself, which any request can meet."""
PROTOCOL = (400, 401, 429, 503)
"""Statuses of OAuth's endpoints, whose errors have a form of their own."""
PAGES = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 502, 503, 504)
"""Statuses of what browsers are shown, which is a page where it is ours to write."""
SENT_ON = (302, 303)

_ROW = re.compile(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$", re.MULTILINE)


class Issue(BaseModel):
    """One field that is not acceptable."""

    field: str
    rule: str
    message: str


class StandIn(BaseModel):
    """What anybody was last answered, where a service is lost.

    Attributes:
        path: Of the operation that answered so, to a request without parameters.
        as_of: When it did, at most an hour ago.
    """

    path: str
    as_of: datetime
    answer: dict[str, Any]


class Problem(BaseModel):
    """Why a request was not answered as asked (RFC 9457).

    Attributes:
        type: ``/problems/`` and the code.
        code: What a program should look at.
        trace_id: The answer's ``X-Request-Id``.
        errors: Every field that is at fault, where fields are.
        fallback: What may be shown meanwhile, with 502, 503 and 504 of some operations.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: list[Issue] | None = None
    fallback: StandIn | None = None


class ProtocolError(BaseModel):
    """Why a form of OAuth 2.0 was not answered as asked (RFC 6749 §5.2).

    Attributes:
        error: What a program should look at.
    """

    error: str
    error_description: str = ""


def responses(
    one: Operation, schema: Mapping[str, Any], known: Mapping[int, object]
) -> Iterator[tuple[str, Any]]:
    """Yield what may be answered, by status."""
    status = HTTPStatus(getattr(one.described, "status", HTTPStatus.OK))
    said: dict[str, Any] = {
        "description": status.phrase,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _told(one)},
    }
    kind = getattr(one.described, "media_type", JSON)
    if kind and status is not HTTPStatus.NO_CONTENT:
        said["content"] = {kind: {"schema": schema}}
    links = getattr(one.described, "links", {})
    if links:
        said["links"] = {name: _link(link) for name, link in links.items()}
    yield str(status.value), said
    if one.route.cache_seconds:
        yield "304", {"description": "Not Modified"}
    if one.route.page:
        yield from _page_responses(status)
        return
    shaped = PROTOCOL if one.model("form") is not None else ()
    for number in sorted((set(_refusals(one)) & known.keys()) - set(shaped)):
        yield str(number), {"$ref": f"#/components/responses/Problem{number}"}
    for number in shaped:
        yield str(number), _protocol_response(number)


def _page_responses(status: HTTPStatus) -> Iterator[tuple[str, Any]]:
    """Yield what else a browser may be answered: where to go on, and refusals."""
    for number in (*SENT_ON, *PAGES):
        if number == status:
            continue
        said: dict[str, Any] = {"description": HTTPStatus(number).phrase}
        if number not in SENT_ON:
            problem = {"schema": {"$ref": REFERENCE.format(model=Problem.__name__)}}
            said["content"] = {"text/html": {"schema": {}}, PROBLEM: problem}
        yield str(number), said


def _protocol_response(status: int) -> dict[str, Any]:
    """Return a refusal of a protocol endpoint, or of the gateway in front of it."""
    models = {JSON: ProtocolError, PROBLEM: Problem}
    references = {kind: REFERENCE.format(model=m.__name__) for kind, m in models.items()}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {kind: {"schema": {"$ref": place}} for kind, place in references.items()},
    }


def _told(one: Operation) -> Iterator[str]:
    """Yield the headers of every good answer."""
    yield "X-Request-Id"
    if one.route.cache_seconds:
        yield "ETag"
    if one.route.rate != EXEMPT:
        yield from ("RateLimit", "RateLimit-Policy")


def _link(link: Link) -> dict[str, Any]:
    return {"operationId": link.operation, "parameters": dict(link.parameters)}


def _refusals(one: Operation) -> Iterator[int]:
    yield from EVERYWHERE
    yield from getattr(one.described, "refusals", ())
    if one.route.auth in {Auth.OPTIONAL, Auth.USER, Auth.ADMIN}:
        yield from (401, 403)
    if one.route.auth is Auth.SIGNATURE:
        yield from (401, 422)
    if one.route.idempotent:
        yield 409
    if one.model("body") is not None:
        yield from (415, 422)
    if one.model("query") is not None:
        yield 422


def codes_by_status(problems: str) -> dict[int, list[tuple[str, str]]]:
    """Return code and cause of every problem in the text of docs/problems.md, by status."""
    found: dict[int, list[tuple[str, str]]] = {}
    for code, status, when, _ in _ROW.findall(problems):
        found.setdefault(int(status), []).append((code, when))
    return found


def problem_response(status: int, codes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the response that carries problems of a status: their codes and causes."""
    code, when = codes[0]
    example = problem_document(HTTPStatus(status), code, when, trace_id=TRACE_ID)
    headers = ["X-Request-Id"]
    headers += {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(
        status, []
    )
    return {
        "description": "; ".join(f"`{code}`: {when}" for code, when in codes),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {
            PROBLEM: {
                "schema": {"$ref": REFERENCE.format(model="Problem")},
                "example": example,
            }
        },
    }
