"""One call of a service: behind its area's breaker, repeated where that is safe, in time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from shared.gateway.breaker import CircuitOpenError, outcome_of
from shared.gateway.headers import is_problem
from shared.gateway.ports import Outcome
from shared.gateway.retries import POLICIES, RetryBudget, may_retry, pause
from shared.kernel.errors import AppError, TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from random import Random

    from shared.gateway.ports import Answer, Breakers
    from shared.gateway.routes import Route

MOST_HOLD_SECONDS = 60.0
"""Longest that a service's own Retry-After keeps everybody away from it."""
TOO_MANY = 429
FAILED, TIMED_OUT = 500, 504
SOON_SECONDS = (1, 3)
"""When to come again where nobody says it, spec/gateway §7: not all who came together at once."""
OURS = "x-request-id"
"""On every answer of a function (`shared.runtime.http`), on none of what stands before one."""
REFUSALS = {
    401: "the service does not take the identity token of the gateway: is its address the audience",
    403: "grant roles/run.invoker on the service to the service account of the gateway",
    404: "nothing has the address of the service, or its ingress keeps the gateway out",
}
"""What Cloud Run says to the gateway, not to the caller, and what those who run it can do."""
MEND_SECONDS = 60.0
"""When to come again after a refusal, which somebody has to mend; also how often it is logged."""

logger = logging.getLogger(__name__)


class ServiceFailedError(UnavailableError):
    """What stands before a service answered in its place.

    It does not start, has no room, or the gateway itself is not let in.

    Attributes:
        retry_after_seconds: When to come again.
    """

    def __init__(self, service: str, *, retry_after_seconds: float) -> None:
        super().__init__(f"{service} does not answer")
        self.retry_after_seconds = retry_after_seconds


class Services(Protocol):
    """Sends requests to services."""

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return what the service of `route` answers, errors included.

        Raises:
            TimedOutError: The time was up.
            UnavailableError: There was no connection, or it broke.
        """

    async def stream(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return an answer as soon as it begins, with the rest of it as its `stream`.

        Args:
            route: Which service, and the longest wait between two pieces.
            target: Path and query.
            headers: Names in lower case.
            body: Whole.
            seconds: Longest wait for the beginning.

        Raises:
            TimedOutError: It did not begin in time.
            UnavailableError: There was no connection.
        """


@dataclass(frozen=True)
class Waiting:
    """How this process waits.

    Attributes:
        now: A clock in seconds that only goes forward.
        sleep: Waits for so many seconds.
        random: Source of the jitter.
    """

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Random


class Watch(Protocol):
    """Hears what becomes of calls."""

    def retried(self, service: str) -> None:
        """A call is made again."""

    def refused(self, service: str, status: int) -> None:
        """The host of a service did not let the gateway in."""


class Upstream:
    """Calls services for the door."""

    def __init__(
        self,
        services: Services,
        breakers: Breakers,
        *,
        waiting: Waiting,
        watch: Watch,
    ) -> None:
        self._services, self._breakers, self._waiting = services, breakers, waiting
        self._budget, self._watch = RetryBudget(), watch
        self._log_at: dict[str, float] = {}

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Return what the service answers within the route's time.

        Services fail with a problem document (RFC 9457). A failure without one is a page of their
        host or of a load balancer, which tells a caller nothing: it becomes an error of ours. So
        does a refusal of the gateway, which the caller would take for one of their own. A
        streaming route's answer only has to begin in that time. Until then it is repeated as any
        other; once the caller has been told of its beginning, never.

        Raises:
            CircuitOpenError: The area's breaker is open.
            ServiceFailedError: Its host answered that it cannot, or that we may not.
            TimedOutError: The time was up.
            UnavailableError: There was no connection, and repeating did not help.
        """
        ends = self._waiting.now() + route.timeout_seconds
        has_key = route.idempotent and "idempotency-key" in headers
        self._budget.count(route.service, self._waiting.now())
        attempt = 0
        while True:
            left = max(0.001, ends - self._waiting.now())
            result = await self._attempt(route, target, headers, body, seconds=left)
            seconds = self._pause(route, result, attempt, has_key=has_key, ends=ends)
            if seconds is None:
                break
            await _let_go(result)
            self._watch.retried(route.service)
            attempt += 1
            await self._waiting.sleep(seconds)
        if isinstance(result, AppError):
            raise result
        if _is_of_the_host(result):
            await _let_go(result)
            raise self._failure(route, result)
        return result

    def _failure(self, route: Route, answer: Answer) -> AppError:
        if answer.status == TIMED_OUT:
            return TimedOutError(f"{route.service} did not answer in time")
        if _is_refusal(answer):
            self._report(route.service, answer.status)
            return ServiceFailedError(route.service, retry_after_seconds=MEND_SECONDS)
        seconds = _retry_after(answer) or self._waiting.random.randint(*SOON_SECONDS)
        return ServiceFailedError(route.service, retry_after_seconds=seconds)

    def _report(self, service: str, status: int) -> None:
        """Count a refusal of the gateway, and say once a minute what to do about it."""
        self._watch.refused(service, status)
        now = self._waiting.now()
        if now >= self._log_at.get(service, now):
            self._log_at[service] = now + MEND_SECONDS
            told = {"upstream": service, "status": status, "mend": REFUSALS[status]}
            logger.error("upstream.refused", extra=told)

    async def _attempt(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer | AppError:
        permit = await self._breakers.permit(route.area)
        if not permit.allowed:
            raise CircuitOpenError(route.area, retry_after_seconds=permit.retry_after_seconds)
        send = self._services.stream if route.stream else self._services.call
        result: Answer | AppError
        outcome = Outcome.IGNORED
        try:
            result = await send(route, target, headers, body, seconds=seconds)
            # A refusal of the gateway says nothing of the service, and costs it nothing.
            outcome = Outcome.IGNORED if _is_refusal(result) else outcome_of(result.status)
        except AppError as error:
            result, outcome = error, outcome_of(error)
        finally:
            # A caller who went away must not keep the probe's place.
            await self._breakers.record(route.area, permit, outcome)
        await self._obey(route, result)
        return result

    async def _obey(self, route: Route, result: Answer | AppError) -> None:
        """Leave an area alone whose host asks for it; a service of ours speaks to its caller."""
        if isinstance(result, AppError) or _is_ours(result):
            return
        if result.status == TOO_MANY:
            seconds = _retry_after(result)
            if seconds:
                await self._breakers.hold(route.area, seconds=min(seconds, MOST_HOLD_SECONDS))

    def _pause(
        self, route: Route, result: Answer | AppError, attempt: int, *, has_key: bool, ends: float
    ) -> float | None:
        """Return how long to wait before calling again, None where this was the last time."""
        said = result if isinstance(result, AppError) else result.status
        if not may_retry(route.method, has_key=has_key, result=said):
            return None
        now = self._waiting.now()
        seconds = pause(
            POLICIES["default"],
            attempt,
            random=self._waiting.random,
            remaining_seconds=ends - now,
            retry_after_seconds=None if isinstance(result, AppError) else _retry_after(result),
        )
        return seconds if seconds is not None and self._budget.spend(route.service, now) else None


def when_again(status: int, random: Random) -> dict[str, str]:
    """Return what tells callers of a 503 when to come again, where nothing else does."""
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        return {}
    return {"retry-after": str(random.randint(*SOON_SECONDS))}


async def _let_go(result: Answer | AppError) -> None:
    """Close an answer that nobody will read, so that its connection is free again."""
    if not isinstance(result, AppError) and result.stream is not None:
        await result.stream.aclose()


def _is_of_the_host(answer: Answer) -> bool:
    """Tell whether no service of ours has put an answer so: a failure, a full house, a refusal."""
    failed = answer.status >= FAILED or answer.status == TOO_MANY
    return (failed and not _is_ours(answer)) or _is_refusal(answer)


def _is_refusal(answer: Answer) -> bool:
    """Tell whether it is the gateway that was refused, by Cloud Run, and not the caller."""
    return answer.status in REFUSALS and not _is_ours(answer)


def _is_ours(answer: Answer) -> bool:
    """Tell whether a function of ours has put an answer so.

    It refuses with a problem or, where OAuth 2.0 wants another form, with the id of the request;
    Cloud Run's own pages have neither.
    """
    return is_problem(answer.headers) or OURS in answer.headers


def _retry_after(answer: Answer) -> float | None:
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None
