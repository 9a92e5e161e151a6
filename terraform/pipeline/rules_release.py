"""What is released, how it tells that it is unwell, and what it may cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from terraform.pipeline.rules import JOB, SERVICE, Checkout, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform.pipeline.plan import Plan, Resource

ALERT = "google_monitoring_alert_policy"
BUDGET = "google_billing_budget"
BUNDLED = re.compile(r":[0-9a-f]{64}$")
BY_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
RUNBOOK = re.compile(r"Runbook: \S*?([\w-]+\.md#[\w-]+)")


def functions_are_built(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every function runs the image of its bundle, tagged by the bundle's sha256."""
    for one in plan.of(SERVICE):
        for image in _images(one):
            if not BUNDLED.search(image):
                remedy = "Run `python -m functions.bundle --all` before the plan"
                yield Violation(one.address, f"would run {image or 'no known image'}", remedy)


def jobs_are_built(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every job runs an image that is named by its digest."""
    for one in plan.of(JOB):
        for image in _images(one):
            if not BY_DIGEST.search(image):
                remedy = "Give -var jobs_image=…@sha256:… of the image that was built"
                yield Violation(one.address, f"would run {image or 'no known image'}", remedy)


def _images(deployable: Resource) -> list[str]:
    template = deployable.block("template")
    inner = (template.get("template") or [template])[0] if deployable.kind == JOB else template
    containers = inner.get("containers") or [{}]
    return [str(one.get("image") or "") for one in containers]


def every_alert_reaches_somebody(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every alert is on and goes to a channel."""
    for one in plan.of(ALERT):
        if not one.values.get("notification_channels"):
            yield Violation(one.address, "tells nobody", "Give it a notification channel")
        if one.values.get("enabled") is False:
            yield Violation(one.address, "is off", "Take it away, or snooze it in the console")


def every_alert_has_a_runbook(plan: Plan, checkout: Checkout) -> Iterator[Violation]:
    """Every alert leads to a section of docs/runbooks that exists."""
    for one in plan.of(ALERT):
        found = RUNBOOK.search(str(one.block("documentation").get("content")))
        if found is None:
            remedy = "End documentation.content with `Runbook: …/alerts.md#section`"
            yield Violation(one.address, "names no runbook", remedy)
        elif found[1] not in checkout.runbooks:
            wrong = f"leads to {found[1]}, which docs/runbooks does not have"
            yield Violation(one.address, wrong, "Write that section, or name the right one")


def a_budget_watches(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """A budget with thresholds watches what the project costs."""
    budgets = plan.of(BUDGET)
    if not budgets:
        yield Violation(BUDGET, "is missing", "Add one with thresholds (terraform/budget.tf)")
    for one in budgets:
        if not one.values.get("threshold_rules") or not one.block("amount"):
            yield Violation(one.address, "never says anything", "Give it amount and thresholds")


RULES = (
    Rule(functions_are_built, (SERVICE,)),
    Rule(jobs_are_built, (JOB,)),
    Rule(every_alert_reaches_somebody, (ALERT,)),
    Rule(every_alert_has_a_runbook, (ALERT,)),
    Rule(a_budget_watches),
)
