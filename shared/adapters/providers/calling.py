"""One way to call a provider over HTTP.

A call is tried five times, 1 s to 60 s apart, on timeouts, lost connections, 5xx and 429; what the
provider asks for in ``Retry-After`` is kept (spec/ingestion §7). Each try passes the guard: quota
and breaker are asked before it, and learn what became of it. An answer that is kept from before
(`kept`) is no call, and passes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, Self

import orjson
import stamina

from shared.adapters.providers.kept import KeptAnswer, KeptAnswers, Question, Told
from shared.adapters.refusals import refusal
from shared.catalog.quota import CALL
from shared.gateway.breaker import CircuitOpenError
from shared.kernel.errors import AppError, ExhaustedError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from shared.gateway.ports import Permit

TIMEOUT_SECONDS = 10.0
TRIES = 5
LONGEST_ASKED_WAIT_SECONDS = 120.0
"""A service that asks for more is left for the next run: the quota is spent."""

_MESSAGES = ("message", "status_message", "statusMessage")


@dataclass(frozen=True)
class Patience:
    """How long to wait between tries, in seconds."""

    first: float = 1.0
    longest: float = 60.0
    jitter: float = 0.2


class Guard(Protocol):
    """What each try of a call has to pass."""

    def before(self, call: str) -> Permit:
        """Give leave for one try.

        Raises:
            ExhaustedError: The quota is spent.
            CircuitOpenError: The provider is left alone for now.
        """

    def after(self, permit: Permit, result: int | BaseException) -> None:
        """Learn what became of it: a status, or why there is none."""


@dataclass(frozen=True)
class Caller:
    """How a provider is called.

    Attributes:
        patience: How long to wait between tries.
        guard: What each try passes; None lets all pass.
        kept: What was told before and may be used again; None keeps nothing.
    """

    patience: Patience = Patience()
    guard: Guard | None = None
    kept: KeptAnswers | None = None


class ProviderApi:
    """A provider's calls; close it, or use it in a ``with``.

    Args:
        base_url: Where it is.
        headers: What lets us in.
        caller: How it is called.
    """

    name = "provider"
    """How messages call it."""

    def __init__(self, base_url: str, headers: Mapping[str, str], caller: Caller) -> None:
        import httpx2  # noqa: PLC0415 - 60 ms, only where a provider is called

        self._caller = caller
        self._client = httpx2.Client(
            base_url=base_url,
            headers={**headers, "Accept": "application/json"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(self, path: str, query: Mapping[str, str], *, call: str = CALL) -> dict[str, Any]:
        """Return the provider's answer to one call, as `told` does."""
        return dict(self.told(path, query, call=call).answer)

    def told(
        self, path: str, query: Mapping[str, str], *, call: str = CALL, anew: bool = False
    ) -> Told:
        """Return the provider's answer to one call, or what it answered the same call before.

        Args:
            path: Below the base address.
            query: Parameters.
            call: Kind of call, by which the plan prices it and says how long its answer is kept.
            anew: Whatever is kept is not good enough.

        Raises:
            InvalidInputError: It does not accept a parameter; the message is its own.
            UnauthenticatedError: The key is missing or not known.
            NotFoundError: It has no such thing.
            ExhaustedError: The quota is spent for longer than a call can wait.
            UnavailableError: It did not answer properly, five times.
        """
        asked, answers = Question(call, path, query), self._caller.kept
        before = answers.read(asked) if answers and not anew else None
        if answers and before and answers.holds(asked, before):
            return Told(before.answer, before.told_at)
        return Told(self._tried(asked, before))

    def _tried(self, asked: Question, before: KeptAnswer | None) -> dict[str, Any]:
        wait = self._caller.patience
        for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=TRIES,
            timeout=None,
            wait_initial=wait.first,
            wait_max=wait.longest,
            wait_jitter=wait.jitter,
        ):
            with attempt:
                return self._once(asked, before)
        raise UnavailableError(f"{self.name} did not answer {asked.path}")

    def find(self, path: str, query: Mapping[str, str]) -> Any | None:  # noqa: ANN401 - JSON
        """Return the answer as `get` does, None where there is no such thing."""
        try:
            return self.get(path, query)
        except NotFoundError:
            return None

    def found(
        self, path: str, query: Mapping[str, str], *, call: str, anew: bool = False
    ) -> Told | None:
        """Return what is told as `told` does, None where there is no such thing."""
        try:
            return self.told(path, query, call=call, anew=anew)
        except NotFoundError:
            return None

    def listed(self, answer: Mapping[str, Any], name: str) -> list[Any]:
        """Return a list of an answer.

        Raises:
            UnavailableError: It is not there.
        """
        found = answer.get(name)
        if not isinstance(found, list):
            told = f"{self.name} sent an answer without {name!r}"
            raise self._unreadable(told, orjson.dumps(answer))
        return found

    def _unreadable(self, told: str, content: bytes) -> UnavailableError:
        """Return the error of an answer that nobody can read, which is kept and says where."""
        place = self._caller.kept.set_aside(content) if self._caller.kept else ""
        return UnavailableError(f"{told}: {place}" if place else told)

    def _once(self, asked: Question, before: KeptAnswer | None) -> dict[str, Any]:
        response = self._sent(asked, before.conditions() if before else {})
        headers: Mapping[str, str] = response.headers
        if before and response.status_code == HTTPStatus.NOT_MODIFIED:
            found: Any = before.answer
            headers = {**before.validators(), **headers}
        elif response.status_code == HTTPStatus.OK:
            found = _json(response)
        else:
            raise self._refusal(asked.path, response)
        if not isinstance(found, dict):
            message = f"{self.name} answered {asked.path} with something that is no JSON object"
            raise self._unreadable(message, response.content)
        if self._caller.kept:
            self._caller.kept.keep(asked, found, headers)
        return found

    def _sent(self, asked: Question, conditions: Mapping[str, str]) -> httpx2.Response:
        import httpx2  # noqa: PLC0415 - as above

        guard, path = self._caller.guard, asked.path
        permit = guard.before(asked.call) if guard else None
        result: int | BaseException = UnavailableError(f"{self.name} did not answer {path}")
        try:
            response = self._client.get(path, params=dict(asked.query), headers=dict(conditions))
            result = response.status_code
        except httpx2.TransportError as error:
            told = str(error) or type(error).__name__
            raise UnavailableError(f"{self.name} did not answer {path}: {told}") from error
        finally:
            if guard and permit:
                guard.after(permit, result)
        return response

    def _refusal(self, path: str, response: httpx2.Response) -> AppError:
        told = f"{self.name} answered {path} with {response.status_code}: {told_by(response)}"
        return refusal(response, told)


def _worth_another_try(error: Exception) -> bool | float:
    """Tell whether to try again, or in how many seconds the service wants it."""
    if isinstance(error, ExhaustedError):
        asked = error.retry_after_seconds
        if asked is None:
            return True
        return asked if asked <= LONGEST_ASKED_WAIT_SECONDS else False
    return isinstance(error, UnavailableError) and not isinstance(error, CircuitOpenError)


def _json(response: httpx2.Response) -> Any:  # noqa: ANN401 - any JSON, None where it is none
    try:
        return response.json()
    except ValueError:
        return None


def told_by(response: httpx2.Response) -> str:
    """Return what a refusal says in words, at most 300 characters."""
    body = _json(response)
    inner = body.get("error") if isinstance(body, dict) else None
    given = inner if isinstance(inner, dict) else body
    found = (given.get(name) for name in _MESSAGES) if isinstance(given, dict) else ()
    told = next((one for one in found if one), response.text)
    return str(told)[:300] or "no message"
