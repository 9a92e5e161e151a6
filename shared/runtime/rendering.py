"""Pages of ours: HTML from templates, with a policy that lets nothing else in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Self

import orjson

from shared.gateway.headers import page_headers
from shared.identity.pages_return import HOME, SELF
from shared.identity.pages_texts import TEMPLATES, browser_name, field_texts, problem_of
from shared.kernel.errors import FieldIssue
from shared.runtime import http

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from shared.identity.pages_texts import Problem
    from shared.kernel.errors import AppError
    from shared.runtime.messages import Reply, Request

HTML = "text/html; charset=utf-8"
NEVER_KEPT = {"cache-control": "no-store"}
HOME_LINK = {HOME: "Account security"}


@cache
def environment() -> Environment:
    """Return the templates; whatever is put into one is escaped."""
    from jinja2 import (  # noqa: PLC0415 - a process that shows no page needs none of it
        Environment,
        FileSystemLoader,
        StrictUndefined,
    )

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    made.filters["browser_name"] = browser_name
    return made


@dataclass(frozen=True)
class Wrong:
    """What went wrong, as a page answers it.

    Attributes:
        problem: What it says.
        status: Of the answer.
        headers: Further ones of it.
    """

    problem: Problem
    status: int = 422
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: AppError, request: Request) -> Self:
        """Return what a page says of an error, and count it."""
        told = http.refused(error, request.request_id, {})
        return cls.told(told.status, told.headers, told.body)

    @classmethod
    def told(cls, status: int, headers: Mapping[str, str], body: bytes) -> Self:
        """Return what a page says in the place of a problem (RFC 9457).

        Args:
            status: Of the answer that the problem is.
            headers: Of it, names in lower case.
            body: The problem.
        """
        found = orjson.loads(body)
        message = found["detail"] if status < HTTPStatus.INTERNAL_SERVER_ERROR else ""
        waits = headers.get("retry-after") if status == HTTPStatus.TOO_MANY_REQUESTS else None
        said = problem_of(found["code"], message, wait_seconds=float(waits) if waits else None)
        fields = field_texts(FieldIssue(**issue) for issue in found.get("errors", ()))
        return cls(replace(said, fields=fields) if fields else said, status, headers)


def page(
    name: str,
    *,
    wrong: Wrong | None = None,
    headers: Mapping[str, str] | None = None,
    forms: Sequence[str] = (SELF,),
    **said: Any,  # noqa: ANN401 - what the template says
) -> Reply:
    """Return a page.

    Args:
        name: Of its template.
        wrong: What went wrong, where anything did.
        headers: Further ones.
        forms: Where its forms may lead, redirects included.
        said: What the template is given.
    """
    nonce = token_urlsafe(16)
    given = {"problem": wrong.problem if wrong else None, "notice": "", **said}
    written = environment().get_template(f"{name}.html").render(nonce=nonce, **given)
    head = {**page_headers(nonce, forms=forms), **NEVER_KEPT, **(headers or {})}
    status = wrong.status if wrong else 200
    return http.Reply(written.encode(), status, head | dict(wrong.headers if wrong else {}), HTML)


def refusal(error: AppError, request: Request) -> Reply:
    """Return the page that tells of an error, and count it."""
    return message(Wrong.of(error, request))


def message(wrong: Wrong) -> Reply:
    """Return a page that only tells what went wrong."""
    said = wrong.problem
    written = page("message", title=said.title, text=said.text, onward={**said.onward, **HOME_LINK})
    return written._replace(status=wrong.status, headers={**wrong.headers, **written.headers})
