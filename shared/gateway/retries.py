"""When a call is made again, after how long, and how many may be in all.

Only what may be done twice is done twice (RFC 9110 §9.2.2, or an idempotency key), only after
answers that say "later", never beyond the request's deadline, and never so often that retries
become the load: a budget per upstream (SRE book, ch. 21, "per-client retry budget").

stamina repeats calls elsewhere in the product, but does not fit here: it adds its jitter to the
pause where ours is the whole of it, judges exceptions alone where most of ours are statuses of a
proxied answer, and its hook sees neither the attempt, nor the deadline, nor a given random source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from random import Random

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""RFC 9110 §9.2.2."""

AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses that a repetition may mend, spec/gateway §5.4."""

BUDGET_SHARE = 0.1
BUDGET_SECONDS = 10


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently.

    Attributes:
        tries: Calls in all, the first included.
        base_seconds: Longest pause before the second.
        cap_seconds: Longest pause of all.
        linear: The pause grows by `base_seconds` a try instead of doubling.
    """

    tries: int
    base_seconds: float
    cap_seconds: float
    linear: bool = False

    def ceiling(self, attempt: int) -> float:
        """Return the longest pause after a call, the first of which is 0."""
        grown = attempt + 1 if self.linear else 2.0**attempt
        return min(self.cap_seconds, self.base_seconds * grown)


POLICIES = {
    "default": RetryPolicy(3, 0.1, 5),
    "aggressive": RetryPolicy(5, 0.05, 5),
    "gentle": RetryPolicy(2, 0.5, 3),
    "network-timeout": RetryPolicy(5, 1, 30),
    "rate-limited": RetryPolicy(3, 2, 60, linear=True),
    "token-refresh": RetryPolicy(2, 0, 0),
}
"""Spec/gateway §5.4: internal reads, state store, third parties, background jobs, quotas of
others, and once more with a new token."""


def may_retry(method: str, *, has_key: bool, result: int | BaseException) -> bool:
    """Return whether a call with this result may be made again.

    Args:
        method: Upper case.
        has_key: The request has an idempotency key that its service honors.
        result: Status, or the error: that there was no connection is one to repeat, that the time
            was up is not, since the request's own is then up too.
    """
    if not has_key and method not in IDEMPOTENT:
        return False
    if isinstance(result, int):
        return result in AGAIN
    return isinstance(result, (UnavailableError, ConnectionError))


def pause(
    policy: RetryPolicy,
    attempt: int,
    *,
    random: Random,
    remaining_seconds: float,
    retry_after_seconds: float | None = None,
) -> float | None:
    """Return how long to wait before the next call, or None where there is none.

    "Full jitter": evenly from 0 to the ceiling (Brooker, Exponential Backoff and Jitter, AWS 2015).

    Args:
        policy: How often and how patiently.
        attempt: Which call just failed, the first is 0.
        random: Source of the jitter.
        remaining_seconds: Until the request's deadline; a pause that would reach it is none.
        retry_after_seconds: What the service asked for, which is then the least.
    """
    if attempt + 1 >= policy.tries:
        return None
    seconds = random.uniform(0, policy.ceiling(attempt))
    if retry_after_seconds is not None:
        seconds = max(seconds, retry_after_seconds)
    return seconds if seconds < remaining_seconds else None


@dataclass
class _Second:
    """What one second saw."""

    slot: int
    calls: int = 0
    retries: int = 0


@dataclass
class RetryBudget:
    """At most a tenth of an upstream's requests of the last ten seconds are repeated.

    Where there are fewer than ten, one may be: a single caller whose service was just replaced is
    no storm. Counts are this instance's, as its requests are.

    Attributes:
        share: Retries for one request.
        least: Retries that ten seconds always have.
    """

    share: float = BUDGET_SHARE
    least: int = 1
    _seen: dict[str, list[_Second]] = field(default_factory=dict)

    def count(self, upstream: str, now: float) -> None:
        """Count a request, which is not a retry, at a moment in seconds."""
        self._second(upstream, now).calls += 1

    def spend(self, upstream: str, now: float) -> bool:
        """Take one retry, if there is one."""
        second = self._second(upstream, now)
        seen = self._seen[upstream]
        allowed = max(self.least, int(self.share * sum(each.calls for each in seen)))
        if sum(each.retries for each in seen) >= allowed:
            return False
        second.retries += 1
        return True

    def _second(self, upstream: str, now: float) -> _Second:
        seen, slot = self._seen.setdefault(upstream, []), int(now)
        if not seen or seen[-1].slot < slot:
            kept = [each for each in seen if each.slot > slot - BUDGET_SECONDS]
            seen[:] = [*kept, _Second(slot)]
        return seen[-1]
