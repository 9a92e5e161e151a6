"""Requests that were answered, and those at work, as this process counts them itself.

Every request counts in four places. Each costs prometheus-client a microsecond, for locks and
checks that one look-up makes needless here.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.metrics_core import Metric as Family

    from shared.runtime.metrics import Metric

Labels = tuple[str, str, str, str]
"""Service, method, route and status."""


class Answered:
    """How many requests there were of each kind, and how long they took; from any thread.

    Args:
        metrics: Counter, histogram and gauge, as they are declared.
        bounds: Upper ends of the histogram's buckets, seconds, ascending.
    """

    def __init__(self, metrics: tuple[Metric, Metric, Metric], bounds: Sequence[float]) -> None:
        self._metrics, self._bounds = metrics, bounds
        self._lock = Lock()
        self._spread: dict[Labels, list[int]] = {}
        self._seconds: dict[Labels, float] = {}
        self._at_work: dict[str, int] = {}

    def begin(self, service: str) -> None:
        """Count a request as at work."""
        with self._lock:
            self._at_work[service] = self._at_work.get(service, 0) + 1

    def end(self, labels: Labels, seconds: float) -> None:
        """Count a request as answered."""
        with self._lock:
            self._at_work[labels[0]] -= 1
            spread = self._spread.get(labels)
            if spread is None:
                spread = self._spread[labels] = [0] * (len(self._bounds) + 1)
                self._seconds[labels] = 0.0
            spread[bisect_left(self._bounds, seconds)] += 1
            self._seconds[labels] += seconds

    def collect(self) -> Iterator[Family]:
        """Yield what there is now, as prometheus-client writes it."""
        from prometheus_client.core import (  # noqa: PLC0415 - 40 ms, once somebody reads
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        counted, lasted, at_work = self._metrics
        ends = [*map(str, self._bounds), "+Inf"]
        requests = CounterMetricFamily(counted.name, counted.help, labels=counted.labels)
        seconds = HistogramMetricFamily(lasted.name, lasted.help, labels=lasted.labels)
        flight = GaugeMetricFamily(at_work.name, at_work.help, labels=at_work.labels)
        with self._lock:
            for labels, spread in self._spread.items():
                upto = list(zip(ends, accumulate(spread), strict=True))
                requests.add_metric(labels, sum(spread))
                seconds.add_metric(labels, upto, self._seconds[labels])
            for service, many in self._at_work.items():
                flight.add_metric([service], many)
        yield from (requests, seconds, flight)
