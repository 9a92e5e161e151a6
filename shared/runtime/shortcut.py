"""The way from the server to a function without what the framework does in between.

functions-framework leads each request through five layers, a router of four routes and two wrappers
of its handler. They draw an execution id of twelve random letters, look for exceptions three times
and wrap what is sent four times: 35 us of the 150 that a kept answer takes. This process names
its requests itself, turns every error into a problem, and has its own routes. So the first request
comes the framework's way and finds out the application it runs in; those after it do not. What is
no plain request goes the framework's way for ever: the life of the server, its two files that are
not there, and methods that HTTP does not name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that the framework leads to a function."""
NOT_OURS = frozenset({"/robots.txt", "/favicon.ico"})
"""Paths that the framework answers itself."""


class Shortcut:
    """An application that hands requests to a function and everything else on.

    Args:
        answer: The function.
        others: The framework's own layers.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]], others: ASGIApp) -> None:
        self._answer, self._others = answer, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        plain = scope["type"] == "http" and scope["method"] in METHODS
        if not plain or scope["path"] in NOT_OURS:
            await self._others(scope, receive, send)
            return
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)


def take(app: Starlette, answer: Callable[[Request], Awaitable[Response]]) -> None:
    """Lead the requests of an application that is running straight to a function, once."""
    others = app.middleware_stack
    if others is not None and not isinstance(others, Shortcut):
        app.middleware_stack = Shortcut(answer, others)
