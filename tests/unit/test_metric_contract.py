"""What a dashboard, an alert or a page names, the code declares; what it declares has its line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from shared.runtime import metrics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
DECLARED = {metric.name: metric for metric in metrics.ALL}
LINE = re.compile(r"^\| `([a-z_]+)` \| (\w+) \| ([^|]*) \|", re.MULTILINE)
NAMED = re.compile(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`")
OURS = re.compile(
    r"\b(?:http_requests?|active|db_connections|cache_(?:hits|misses)|circuit_breaker|rate_limited|"
    r"upstream_retries|requests_refused|events_total|redis_fallbacks|records_dropped|app_info)"
    r"(?:_[a-z]+)*\b"
)
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")
PROMETHEUS = re.compile(
    r"prometheus_googleapis_com:([a-z_]+?):|prometheus\.googleapis\.com/([a-z_]+)"
)


def test_every_metric_has_its_line_with_kind_and_labels() -> None:
    lines = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in LINE.findall(PAGE)
    }
    declared = {name: (one.kind.value, one.labels) for name, one in DECLARED.items()}
    assert lines == declared


def test_every_metric_that_the_page_names_is_declared() -> None:
    named = {name for name in NAMED.findall(PAGE) if OURS.fullmatch(name)}
    assert named
    assert {SUFFIX.sub("", name) for name in named} <= DECLARED.keys()


def test_every_metric_of_ours_that_terraform_asks_for_is_declared() -> None:
    texts = [
        file.read_text(encoding="utf-8")
        for file in sorted((ROOT / "terraform").rglob("*.tf*"))
        if ".terraform" not in file.parts
    ]
    asked = {a or b for text in texts for a, b in PROMETHEUS.findall(text)}
    assert texts
    assert {SUFFIX.sub("", name) for name in asked} <= DECLARED.keys()


def test_a_metric_that_terraform_invents_is_found_out() -> None:
    query = "sum(rate(prometheus_googleapis_com:http_errors_total:counter[5m]))"
    assert [a or b for a, b in PROMETHEUS.findall(query)] == ["http_errors_total"]
    assert "http_errors_total" not in DECLARED


def test_metrics_are_declared_once_and_nowhere_else() -> None:
    assert len(DECLARED) == len(metrics.ALL)
    made = {value for value in vars(metrics).values() if isinstance(value, metrics.Metric)}
    assert made == set(metrics.ALL)
    files = [f for folder in ("shared", "functions") for f in (ROOT / folder).rglob("*.py")]
    elsewhere = [f.name for f in files if f.name != "metrics.py" and _makes_a_metric(f)]
    assert elsewhere == []


def _makes_a_metric(file: Path) -> bool:
    """Tell whether a module makes an instrument of prometheus-client by itself."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client":
            return True
    return False


def test_the_names_of_the_specification_are_all_there() -> None:
    asked = """http_requests_total http_request_duration_seconds http_requests_in_flight
        active_connections db_connections_active db_connections_idle cache_hits_total
        cache_misses_total circuit_breaker_state circuit_breaker_transitions_total
        rate_limited_total upstream_retries_total app_info"""
    assert set(asked.split()) <= DECLARED.keys()
    assert metrics.SECONDS == (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
