"""How a query is explained: the indexes that production would read, and what that costs.

https://cloud.google.com/firestore/docs/query-explain
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.messages import ExplainMetrics

if TYPE_CHECKING:
    from emulators.core.methods import Proto
    from emulators.firestore.data import Data
    from emulators.firestore.queries.query import Query
    from emulators.firestore.reading import Reading

ENTRIES_PER_READ = 1000
"""Index entries that an aggregation reads for the price of one document."""


def of_query(query: Query, request: Proto, results: int, reading: Reading) -> Proto:
    """Return how a query is read, and what it cost where it was: ExplainMetrics.

    Args:
        query: Of the request.
        request: With ``explain_options``.
        results: How many documents were answered.
        reading: What read them.
    """
    metrics = _summary(reading.indexes(query))
    if request.explain_options.analyze:
        _analyze(metrics, results, max(1, results), reading.micros)
        read = {"documents_billable": str(results), "index_entries_billable": "0"}
        _debug(metrics, documents=results, entries=results + query.said.offset, billing=read)
    return metrics


def of_aggregation(query: Query, request: Proto, data: Data, reading: Reading) -> Proto:
    """Return how an aggregation is read, and what it cost where it was: ExplainMetrics."""
    metrics = _summary(reading.indexes(query))
    if request.explain_options.analyze:
        entries = query.count(data, reading.at)
        _analyze(metrics, 1, max(1, -(-entries // ENTRIES_PER_READ)), reading.micros)
        read = {"documents_billable": "0", "index_entries_billable": str(entries)}
        _debug(metrics, documents=0, entries=entries, billing=read)
    return metrics


def _summary(indexes: list[dict[str, str]]) -> Proto:
    metrics = ExplainMetrics()
    metrics.plan_summary.SetInParent()
    for each in indexes:
        metrics.plan_summary.indexes_used.add().update(each)
    return metrics


def _analyze(metrics: Proto, results: int, reads: int, micros: int) -> None:
    stats = metrics.execution_stats
    stats.results_returned, stats.read_operations = results, reads
    stats.execution_duration.FromMicroseconds(max(1, micros))


def _debug(metrics: Proto, *, documents: int, entries: int, billing: dict[str, str]) -> None:
    metrics.execution_stats.debug_stats.update(
        {
            "documents_scanned": str(documents),
            "index_entries_scanned": str(entries),
            "billing_details": {
                **billing,
                "min_query_cost": "0" if documents or entries else "1",
                "small_ops": "0",
            },
        }
    )
