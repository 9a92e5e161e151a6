"""Alerts, objectives and dashboards ask only for what is measured, and lead somewhere.

A metric is Google's, from the dated list in google_metrics.toml, or counts a log event that our
code writes. What names another one, a label it lacks or a rate of what has none, fails here.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.terraform.plans import Plan

ROOT = Path(__file__).parents[3]
RUNBOOK = ROOT / "docs" / "runbooks" / "alerts.md"
ENVIRONMENTS = ("dev", "prod")
PARTS = ("Symptom", "Impact", "First query", "Decision", "Commands", "Verification", "Owner")

SELECTOR = re.compile(r"([a-z][\w]*:[\w]+)(\{[^}]*\})?(\[\w+\])?")
MATCHER = re.compile(r"(\w+)(?:=~|!~|!=|=)'([^']*)'")
GROUPING = re.compile(r"\bby \(([^)]*)\)")
FILTER_TYPE = re.compile(r'metric\.type="([^"]+)"')
EVENT_IN_FILTER = re.compile(r'jsonPayload\.message="([^"]+)"')


@dataclass(frozen=True)
class Metric:
    """What a metric is: how it is asked for depends on it."""

    kind: str
    type: str
    resources: frozenset[str]
    labels: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """One question of an alert or a panel, in PromQL or as a filter."""

    by: str
    text: str


def prometheus_name(metric: str) -> str:
    """Return a metric's name in PromQL: the first slash is a colon, all else an underscore."""
    domain, _, path = metric.partition("/")
    return re.sub(r"\W", "_", domain) + ":" + re.sub(r"\W", "_", path)


LISTED = tomllib.loads(Path(__file__).with_name("google_metrics.toml").read_text(encoding="utf-8"))
GOOGLE = {
    f"{group['prefix']}/{name}": Metric(
        one["kind"],
        one["type"],
        frozenset(group["resources"]),
        frozenset(one["labels"]).union(*(LISTED["resources"][r] for r in group["resources"])),
    )
    for group in LISTED["group"]
    for name, one in group["metrics"].items()
}


def written_events() -> set[str]:
    """Return every event that shared/ and functions/ log."""
    files = [file for folder in ("shared", "functions") for file in (ROOT / folder).rglob("*.py")]
    return {event for file in files for event in _logged(file)}


def _logged(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, first = node.func.value, node.args[0] if node.args else None
        if isinstance(owner, ast.Name) and owner.id == "logger" and isinstance(first, ast.Constant):
            yield str(first.value)


def declared(plan: Plan) -> dict[str, Metric]:
    """Return every metric that may be asked for, by its own name."""
    labels = {one["name"]: _labels(one) for one in plan.values("google_logging_metric")}
    resources = frozenset({"cloud_run_job", "cloud_run_revision"})
    ours = {
        f"logging.googleapis.com/user/{name}": Metric("DELTA", "INT64", resources, frozenset(found))
        for name, found in labels.items()
    }
    return GOOGLE | ours


def _labels(metric: dict[str, Any]) -> set[str]:
    return {label["key"] for label in metric["metric_descriptor"][0]["labels"]}


def queries(plan: Plan) -> list[Asked]:
    """Return every PromQL query of alerts and dashboards."""
    found = [
        Asked(policy["display_name"], language["query"])
        for policy in plan.values("google_monitoring_alert_policy")
        for condition in policy["conditions"]
        for language in condition["condition_prometheus_query_language"]
    ]
    panels = [
        Asked(title, source["prometheusQuery"])
        for title, source in _sources(plan)
        if "prometheusQuery" in source
    ]
    return found + panels


def _sources(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in plan.values("google_monitoring_dashboard"):
        board = json.loads(one["dashboard_json"])
        for tile in board["mosaicLayout"]["tiles"]:
            for data in tile["widget"]["xyChart"]["dataSets"]:
                where = f"{board['displayName']}: {tile['widget']['title']}"
                yield where, data["timeSeriesQuery"]


def filters(plan: Plan) -> list[str]:
    """Return every filter of alerts and objectives."""
    thresholds = [
        threshold["filter"]
        for policy in plan.values("google_monitoring_alert_policy")
        for condition in policy["conditions"]
        for threshold in condition["condition_threshold"]
    ]
    objectives = [
        json.dumps(one["request_based_sli"]) for one in plan.values("google_monitoring_slo")
    ]
    return thresholds + [text.replace('\\"', '"') for text in objectives]


def complaints(asked: Asked, metrics: dict[str, Metric]) -> Iterator[str]:
    """Say what is wrong with a query."""
    by_name = {prometheus_name(name): one for name, one in metrics.items()}
    selected = SELECTOR.findall(asked.text)
    if not selected:
        yield f"{asked.by} asks for no metric"
    known = {"le"}
    for name, braces, window in selected:
        metric = by_name.get(re.sub("_bucket$", "", name)) or by_name.get(name)
        if metric is None:
            yield f"{asked.by} asks for {name}, which nobody measures"
            continue
        known |= metric.labels
        yield from (f"{asked.by}: {said}" for said in _misused(name, metric, braces, window))
    groups = {label.strip() for found in GROUPING.findall(asked.text) for label in found.split(",")}
    yield from (f"{asked.by} groups by {label}" for label in sorted(groups - known))


def _misused(name: str, metric: Metric, braces: str, window: str) -> Iterator[str]:
    matched = dict(MATCHER.findall(braces))
    resource = matched.pop("monitored_resource", "")
    if resource not in metric.resources:
        yield f"{name} is not measured of {resource or 'no resource'}"
    yield from (f"{name} has no label {label}" for label in sorted(matched.keys() - metric.labels))
    if bool(window) != (metric.kind == "DELTA"):
        yield f"{name} is {metric.kind}: {'a rate says nothing' if window else 'it needs a rate'}"
    if name.endswith("_bucket") != (metric.type == "DISTRIBUTION"):
        yield f"{name} is {metric.type}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_query_asks_for_what_is_measured(
    plan: Callable[[str], Plan], environment: str
) -> None:
    made = plan(environment)
    metrics = declared(made)
    asked = queries(made)

    assert len(asked) > 100
    assert [said for one in asked for said in complaints(one, metrics)] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_filter_asks_for_what_is_measured(
    plan: Callable[[str], Plan], environment: str
) -> None:
    made = plan(environment)
    named = [name for text in filters(made) for name in FILTER_TYPE.findall(text)]

    assert len(named) >= 5
    assert set(named) <= set(declared(made))


RUN = "monitored_resource='cloud_run_revision'"
SQL = "monitored_resource='cloudsql_database'"
COUNT = "run_googleapis_com:request_count"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"sum(rate(run_googleapis_com:requests{{{RUN}}}[5m]))", "nobody measures"),
        (f"sum(rate({COUNT}[5m]))", "of no resource"),
        (f"sum(rate({COUNT}{{{SQL}}}[5m]))", "of cloudsql_database"),
        (f"{COUNT}{{{RUN}}}", "it needs a rate"),
        (f"rate(cloudsql_googleapis_com:database_up{{{SQL}}}[5m])", "a rate says nothing"),
        (f"sum by (service) (rate({COUNT}{{{RUN}}}[5m]))", "groups by service"),
        (f"rate({COUNT}{{{RUN},service='a'}}[5m])", "no label service"),
        (f"rate(run_googleapis_com:request_latencies{{{RUN}}}[5m])", "is DISTRIBUTION"),
        ("vector(1) > 0", "asks for no metric"),
    ],
)
def test_a_query_that_means_nothing_is_found_out(query: str, said: str) -> None:
    assert said in " ".join(complaints(Asked("an alert", query), GOOGLE))


def test_every_counted_log_event_is_written(plan: Callable[[str], Plan]) -> None:
    metrics = plan("dev").values("google_logging_metric")
    counted = {event for one in metrics for event in EVENT_IN_FILTER.findall(one["filter"])}

    assert len(counted) == len(metrics) > 5
    assert counted <= written_events()


def test_every_counted_log_event_is_looked_at(plan: Callable[[str], Plan]) -> None:
    made = plan("dev")
    names = {
        prometheus_name(f"logging.googleapis.com/user/{one['name']}")
        for one in made.values("google_logging_metric")
    }
    asked = {name for one in queries(made) for name, _, _ in SELECTOR.findall(one.text)}

    assert names
    assert names <= asked


def sections() -> dict[str, str]:
    """Return the runbook's sections by anchor."""
    parts = re.split(r"(?m)^## (.+)$", RUNBOOK.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def anchor(policy: dict[str, Any]) -> str:
    """Return where an alert's text leads in the runbook."""
    found = re.search(r"/alerts\.md#([\w-]+)$", policy["documentation"][0]["content"])
    return found.group(1) if found else ""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.behavior("identity:5.6:wave")
def test_a_hundred_failed_log_ins_in_five_minutes_raise_an_alert(
    plan: Callable[[str], Plan], environment: str
) -> None:
    policy = plan(environment).at('google_monitoring_alert_policy.alert["sign-in-attack"]')
    query = policy["conditions"][0]["condition_prometheus_query_language"][0]["query"]

    assert query == (
        "sum(increase(logging_googleapis_com:user_sign_in_failed"
        "{monitored_resource='cloud_run_revision'}[5m])) > 100"
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alert_leads_to_its_section_of_the_runbook(
    plan: Callable[[str], Plan], environment: str
) -> None:
    policies = plan(environment).values("google_monitoring_alert_policy")

    assert len(policies) > 40
    assert {one["display_name"] for one in policies if anchor(one) not in sections()} == set()


def test_every_section_of_the_runbook_belongs_to_an_alert(plan: Callable[[str], Plan]) -> None:
    policies = plan("prod").values("google_monitoring_alert_policy")

    assert set(sections()) == {anchor(one) for one in policies}


@pytest.mark.parametrize("name", sections())
def test_every_section_says_what_to_do(name: str) -> None:
    found = re.findall(r"(?m)^- \*\*(.+?):\*\* *\S*", sections()[name])

    assert tuple(found) == PARTS


@pytest.mark.parametrize("name", sections())
def test_every_link_between_sections_leads_somewhere(name: str) -> None:
    assert set(re.findall(r"\]\(#([\w-]+)\)", sections()[name])) <= set(sections())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alert_has_a_channel_a_priority_and_a_name_of_its_own(
    plan: Callable[[str], Plan], environment: str
) -> None:
    made = plan(environment)
    names = Counter(one["display_name"] for one in made.values("google_monitoring_alert_policy"))

    assert names.most_common(1)[0][1] == 1
    assert [a for a in _policies(made) if not channels_of(made, a)] == []
    assert all(
        one["user_labels"]["priority"] in {"p0", "p1", "p2", "p3", "p4"}
        for one in made.values("google_monitoring_alert_policy")
    )


def _policies(plan: Plan) -> list[str]:
    return [one["address"] for one in plan.of("google_monitoring_alert_policy")]


def channels_of(plan: Plan, address: str) -> bool:
    """Return whether a policy names channels; their ids are not known before they exist."""
    changes = {one["address"]: one["change"] for one in plan.document["resource_changes"]}
    change = changes[address]
    return bool(
        change["after"].get("notification_channels")
        or change["after_unknown"].get("notification_channels")
    )


@pytest.mark.parametrize("service", ["gateway", "search-query"])
def test_both_windows_of_a_burn_rate_alert_must_burn(
    plan: Callable[[str], Plan], service: str
) -> None:
    by_name = {one.by: one.text for one in queries(plan("prod"))}
    for kind in ("availability", "latency"):
        windows = {
            name.removeprefix(f"mg-prod {kind}-burn-{service}-"): re.findall(r"\[(\w+)\]", text)
            for name, text in by_name.items()
            if name.startswith(f"mg-prod {kind}-burn-{service}-")
        }
        assert {k: list(dict.fromkeys(v)) for k, v in windows.items()} == {
            "page-1h": ["1h", "5m"],
            "page-6h": ["6h", "30m"],
            "ticket-24h": ["24h", "2h"],
            "ticket-72h": ["72h", "6h"],
        }


def test_a_page_means_the_channel_that_wakes_somebody(plan: Callable[[str], Plan]) -> None:
    configuration = plan("prod").document["configuration"]["root_module"]["resources"]
    policy = next(
        one
        for one in configuration
        if one["address"] == "google_monitoring_alert_policy.unreachable"
    )

    references = policy["expressions"]["notification_channels"]["references"]
    assert 'google_monitoring_notification_channel.channel["page"].id' in references


def test_every_deployable_has_its_dashboard(plan: Callable[[str], Plan]) -> None:
    made = plan("dev")
    boards = {one["index"] for one in made.of("google_monitoring_dashboard")}
    folders = {file.parent.name for file in (ROOT / "functions").glob("*/function.yaml")}

    assert boards == {f.replace("_", "-") for f in folders} | {"cost", "operations", "slo"}


def test_no_two_tiles_of_a_dashboard_overlap(plan: Callable[[str], Plan]) -> None:
    for one in plan("dev").values("google_monitoring_dashboard"):
        tiles = json.loads(one["dashboard_json"])["mosaicLayout"]["tiles"]
        places = Counter((tile["xPos"], tile["yPos"]) for tile in tiles)

        assert places.most_common(1)[0][1] == 1
        assert all(tile["xPos"] + tile["width"] <= 48 for tile in tiles)


def test_every_panel_of_promises_names_an_objective(plan: Callable[[str], Plan]) -> None:
    made = plan("prod")
    slos = {
        f"{one['service']}/serviceLevelObjectives/{one['slo_id']}"
        for one in made.values("google_monitoring_slo")
    }
    asked = [s["timeSeriesFilter"]["filter"] for _, s in _sources(made) if "timeSeriesFilter" in s]

    assert len(asked) == 3 * len(slos)
    assert {re.search(r"/services/([^\"]+)", text).group(1) for text in asked} == slos  # type: ignore[union-attr]
