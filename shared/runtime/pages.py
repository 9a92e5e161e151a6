"""Pages of ours: HTML from templates, with a policy that lets nothing else in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, wraps
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Self

from shared.gateway.headers import page_headers
from shared.identity.browser import VISITOR_PREFIX, SignInNeededError, new_cookie
from shared.identity.pages_return import CONFIRM, HOME, SELF, SIGN_IN, by_way_of
from shared.identity.pages_texts import TEMPLATES, browser_name, field_texts, problem_of
from shared.identity.step_up import StepUpError
from shared.kernel.errors import AppError, ExhaustedError
from shared.runtime import http
from shared.runtime.browser import cookie_of, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Environment

    from shared.identity.pages_texts import Problem
    from shared.runtime.messages import Reply, Request

HTML = "text/html; charset=utf-8"
SEE_OTHER = 303
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
        waits = isinstance(error, ExhaustedError)
        seconds = getattr(error, "retry_after_seconds", None) if waits else None
        told = http.refused(error, request.request_id, {})
        message = error.message if told.status < HTTPStatus.INTERNAL_SERVER_ERROR else ""
        said = problem_of(error.code, message, wait_seconds=seconds)
        fields = field_texts(error.issues)
        return cls(replace(said, fields=fields) if fields else said, told.status, told.headers)


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


def go(where: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return what sends a browser on, to be asked with GET (RFC 9110 §15.4.4)."""
    head = {"location": where, **NEVER_KEPT, **(headers or {})}
    return http.Reply(b"", SEE_OTHER, head, "")


def known(request: Request) -> tuple[str, dict[str, str]]:
    """Return a browser's cookie, and the header that gives it one where it has none."""
    cookie = cookie_of(request)
    if cookie:
        return cookie, {}
    made = new_cookie(VISITOR_PREFIX)
    return made, keep(made)


def tried(request: Request, work: Callable[[], Reply], again: Callable[[Wrong], Reply]) -> Reply:
    """Return what some work answers, or a form again with what was wrong with it.

    Who has to sign in, or to prove again who they are, is sent there (`told`).
    """
    try:
        return work()
    except (SignInNeededError, StepUpError):
        raise
    except AppError as error:
        return again(Wrong.of(error, request))


def told(handler: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Let a handler's errors be pages too; it answers browsers with nothing else.

    Who has to sign in first, or to prove again who they are, is sent there and comes back: to the
    very page, or to the one whose form was sent.
    """

    @http.describes(media_type="text/html")
    @wraps(handler)
    def answered(request: Request) -> Reply:
        try:
            return handler(request)
        except SignInNeededError:
            return go(by_way_of(SIGN_IN, _page_of(request)))
        except StepUpError:
            return go(by_way_of(CONFIRM, _page_of(request)))
        except AppError as error:
            return refusal(error, request)

    return answered


def _page_of(request: Request) -> str:
    return request.path if request.method == "POST" else request.target


def refusal(error: AppError, request: Request) -> Reply:
    """Return the page that tells of an error."""
    wrong = Wrong.of(error, request)
    said = wrong.problem
    written = page("message", title=said.title, text=said.text, onward={**said.onward, **HOME_LINK})
    return written._replace(status=wrong.status, headers={**written.headers, **wrong.headers})
