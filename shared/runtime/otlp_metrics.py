"""The numbers of `metrics`, as OpenTelemetry's SDK has them.

prometheus-client counts, so each event is counted once; this turns what it has into cumulative
points (OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility").
"""

from __future__ import annotations

from itertools import pairwise
from time import time_ns
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from shared.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from opentelemetry.sdk.resources import Resource
    from prometheus_client.metrics_core import Metric as Family
    from prometheus_client.samples import Sample

CUMULATIVE = AggregationTemporality.CUMULATIVE
STARTED = time_ns()
"""Since when this process counts."""


def snapshot(resource: Resource) -> MetricsData:
    """Return every number as it stands."""
    now = time_ns()
    found = [_metric(family, now) for family in metrics.collected() if family.samples]
    scope = ScopeMetrics(InstrumentationScope("media-gateway"), found, "")
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _metric(family: Family, now: int) -> Metric:
    samples = [s for s in family.samples if not s.name.endswith("_created")]
    data: Sum | Gauge | Histogram
    if family.type == "counter":
        data = Sum([_number(s, now) for s in samples], CUMULATIVE, is_monotonic=True)
    elif family.type == "histogram":
        data = Histogram([_spread(part, now) for part in _grouped(samples)], CUMULATIVE)
    else:
        data = Gauge([_number(s, now) for s in samples])
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return Metric(name, family.documentation, _unit(name), data)


def _unit(name: str) -> str:
    return "s" if name.endswith("_seconds") else "1"


def _number(sample: Sample, now: int) -> NumberDataPoint:
    return NumberDataPoint(sample.labels, STARTED, now, sample.value)


def _grouped(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Return the samples of a histogram, those of the same labels together."""
    groups: dict[tuple[Any, ...], list[Sample]] = {}
    for sample in samples:
        key = tuple(item for item in sorted(sample.labels.items()) if item[0] != "le")
        groups.setdefault(key, []).append(sample)
    return list(groups.values())


def _spread(samples: Sequence[Sample], now: int) -> HistogramDataPoint:
    """Return one histogram; Prometheus adds its buckets up, OTLP does not."""
    buckets = [(float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket")]
    total = next(s for s in samples if s.name.endswith("_sum"))
    upto = [0.0, *(value for _, value in buckets)]
    return HistogramDataPoint(
        attributes=total.labels,
        start_time_unix_nano=STARTED,
        time_unix_nano=now,
        count=int(upto[-1]),
        sum=total.value,
        bucket_counts=[int(after - before) for before, after in pairwise(upto)],
        explicit_bounds=[bound for bound, _ in buckets[:-1]],
        min=cast("float", None),  # not known: the field stays out of the message
        max=cast("float", None),
    )
