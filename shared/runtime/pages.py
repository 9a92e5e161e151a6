"""Pages of ours, as functions answer with them: where a browser is sent, what its errors become."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from shared.identity.browser import VISITOR_PREFIX, SignInNeededError, new_cookie
from shared.identity.pages_return import CONFIRM, SIGN_IN, by_way_of
from shared.identity.step_up import StepUpError
from shared.kernel.errors import AppError
from shared.runtime import http
from shared.runtime.browser import cookie_of, keep
from shared.runtime.rendering import HOME_LINK, NEVER_KEPT, Wrong, page, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.runtime.messages import Reply, Request

__all__ = ["HOME_LINK", "NEVER_KEPT", "Wrong", "go", "known", "page", "refusal", "told", "tried"]

SEE_OTHER = 303


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
