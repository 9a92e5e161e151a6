"""Tries in Redis, ``auth:{what}:{sha256}``: one count for every instance.

While Redis is gone each instance counts alone, and more strictly: a log-in never goes uncounted.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.gateway.outage import Outage
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis

    from shared.identity.throttle import Count, Throttle
    from shared.kernel.clock import Clock

BEGIN = Path(__file__).parent / "throttle.lua"
GOOD = Path(__file__).parent / "throttle_good.lua"
MILLISECONDS = 1000


class RedisThrottle:
    """`shared.identity.throttle.Throttle`.

    Args:
        clock: The time that is counted by; instances may differ by less than a pause.
        client: Where Redis is.
    """

    def __init__(self, clock: Clock, client: Callable[[], Redis] = connect.redis_once) -> None:
        self._clock, self._client = clock, client

    def begin(self, counts: Sequence[Count]) -> float:
        """See `Throttle.begin`.

        Raises:
            UnavailableError: Redis does not answer.
        """
        told: list[float] = [int(self._clock.now().timestamp() * MILLISECONDS)]
        for pace in (each.pace for each in counts):
            lengths = (pace.first_seconds, pace.longest_seconds, pace.window_seconds)
            told += [pace.free, *(int(length * MILLISECONDS) for length in lengths)]
        return float(self._run(BEGIN, counts, told)) / MILLISECONDS

    def left(self, counts: Sequence[Count]) -> float:
        """See `Throttle.left`; one command for each.

        Raises:
            UnavailableError: Redis does not answer.
        """
        now = self._clock.now().timestamp()
        ends: list[float] = [self._asked(partial(_until, key=each.key)) for each in counts]
        return max([0.0, *(end / MILLISECONDS - now for end in ends)])

    def good(self, counts: Sequence[Count], *, forget: Sequence[Count] = ()) -> None:
        """See `Throttle.good`.

        Raises:
            UnavailableError: Redis does not answer.
        """
        if counts:
            self._run(GOOD, counts, [])
        if forget:
            self._asked(lambda client: client.delete(*(each.key for each in forget)))

    def _run(self, script: Path, counts: Sequence[Count], told: Sequence[float]) -> Any:  # noqa: ANN401 - what the script says
        text, keys = script.read_text(encoding="utf-8"), [each.key for each in counts]
        return self._asked(lambda client: client.eval(text, len(keys), *keys, *told))

    def _asked(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        with answered("tries"):
            return command(self._client())


def _until(client: Redis, key: str) -> float:
    return float(client.hget(key, "until") or 0)


class DegradingThrottle:
    """A shared count, and this instance's own while that one is gone; never fails.

    Args:
        shared: For every instance together.
        local: This instance's.
        clock: The time.
    """

    def __init__(self, shared: Throttle, local: Throttle, *, clock: Clock) -> None:
        self._shared, self._local = shared, local
        self._outage = Outage("tries", clock)

    def begin(self, counts: Sequence[Count]) -> float:
        """See `Throttle.begin`."""
        if self._outage.asks():
            try:
                wait = self._shared.begin(counts)
            except UnavailableError as error:
                self._outage.failed(error)
            else:
                self._outage.worked()
                return wait
        return self._local.begin(counts)

    def left(self, counts: Sequence[Count]) -> float:
        """See `Throttle.left`; while the shared count is gone, this instance's own."""
        if self._outage.asks():
            try:
                return self._shared.left(counts)
            except UnavailableError as error:
                self._outage.failed(error)
        return self._local.left(counts)

    def good(self, counts: Sequence[Count], *, forget: Sequence[Count] = ()) -> None:
        """See `Throttle.good`; what cannot be taken back in Redis ends with its window."""
        self._local.good(counts, forget=forget)
        if self._outage.asks():
            try:
                self._shared.good(counts, forget=forget)
            except UnavailableError as error:
                self._outage.failed(error)
