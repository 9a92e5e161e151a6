"""One call of a language model: two seconds, one answer of some kilobytes, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.refusals import refusal
from shared.kernel.errors import AppError, UnavailableError
from shared.kernel.once import one

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

TIMEOUT_SECONDS = 2.0
"""Of a call from first to last byte (spec/discovery §5.3)."""
MOST_BYTES = 64 * 1024
LONGEST_DETAIL = 200


def http_client() -> httpx2.Client:
    """Return the client of this process; threads share it, and its connections."""
    return one(_http_client)


def close() -> None:
    """Close the client of this process and forget it, for tests."""
    if _http_client.cache_info().currsize:
        _http_client().close()
    _http_client.cache_clear()


@cache
def _http_client() -> httpx2.Client:
    import httpx2  # noqa: PLC0415 - 60 ms, only where a model is asked

    return httpx2.Client(trust_env=False)


@dataclass(frozen=True)
class ModelApi:
    """Where a model answers.

    Attributes:
        name: How messages call it.
        url: Of the call.
        headers: Gives what lets us in; asked before every call, since a token ages.
        client: Gives the client of this process, made when it is first needed.
        timeout_seconds: Of a call from first to last byte.
        seconds: A clock that never goes back.
    """

    name: str
    url: str
    headers: Callable[[], Mapping[str, str]]
    client: Callable[[], httpx2.Client]
    timeout_seconds: float = TIMEOUT_SECONDS
    seconds: Callable[[], float] = monotonic

    def post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to one call.

        Raises:
            ExhaustedError: The quota is spent.
            UnavailableError: No answer in time, or none that can be read.
            AppError: The model refused; the kind follows from its status.
        """
        import httpx2  # noqa: PLC0415 - as above

        headers = {"content-type": "application/json", **self.headers()}
        try:
            with self.client().stream(
                "POST",
                self.url,
                content=orjson.dumps(body),
                headers=headers,
                timeout=self.timeout_seconds,
            ) as answer:
                content = self._read(answer)
        except httpx2.HTTPError as error:
            raise UnavailableError(f"{self.name} did not answer: {type(error).__name__}") from error
        if answer.is_success:
            return self._parsed(content)
        raise self._refusal(answer, content)

    def _read(self, answer: httpx2.Response) -> bytes:
        """Return the body; the client's own time-out begins anew with every piece of it."""
        ends, content = self.seconds() + self.timeout_seconds, b""
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > MOST_BYTES:
                raise UnavailableError(f"{self.name} answers more than {MOST_BYTES} bytes")
            if self.seconds() > ends:
                raise UnavailableError(f"{self.name} answers for more than its time")
        return content

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise UnavailableError(f"{self.name} answered no JSON") from error
        if not isinstance(found, dict):
            raise UnavailableError(f"{self.name} answered no JSON object")
        return found

    def _refusal(self, answer: httpx2.Response, content: bytes) -> AppError:
        return refusal(answer, f"{self.name} answered {answer.status_code}: {_detail(content)}")


def _detail(content: bytes) -> str:
    """Return what an error says of itself, as both services write it."""
    try:
        error = orjson.loads(content)["error"]
        return str(error["message"])[:LONGEST_DETAIL]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "without a reason"
