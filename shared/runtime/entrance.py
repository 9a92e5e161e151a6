"""What only the function has that strangers call: the same head on every answer, and CORS."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.runtime.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from shared.gateway.cors import Cors
    from shared.runtime.messages import Request


@dataclass(frozen=True)
class Entrance:
    """How a function meets strangers.

    They learn no detail of its health, and do not decide what is traced.

    Attributes:
        otherwise: Answers every request that no operation matches.
        headers: Stand on every answer that does not say something else itself.
        cors: Which web pages may call, once settings can be read.
        warm: What must have worked once before the function is ready.
    """

    otherwise: Callable[[Request], Awaitable[Reply]]
    headers: Mapping[str, str]
    cors: Callable[[], Cors]
    warm: Sequence[Callable[[], object]] = ()

    def dressed(self, asked: Mapping[str, str], answered: Mapping[str, str]) -> dict[str, str]:
        """Return an answer's headers with those of every answer.

        Args:
            asked: Headers of the request, names in lower case.
            answered: Of the answer, likewise.
        """
        whole = {**self.headers, **answered}
        if "origin" in answered.get("vary", "").lower():
            return whole  # the door has said already who may read it: of pages, nobody
        return self.cors().marked(asked.get("origin"), whole)

    def preflight(self, asked: Mapping[str, str], methods: Sequence[str]) -> Reply:
        """Return what a browser is told of a path that this function answers itself."""
        headers = self.cors().preflight(asked["origin"], methods)
        return Reply(status=HTTPStatus.NO_CONTENT, headers=headers, media_type="")
