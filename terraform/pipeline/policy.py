"""Whether a plan may be applied: ``python -m terraform.pipeline.policy build/plan.json``.

Every rule is a sentence over the whole plan (``rules_*.py``). The status is 1 with one line for
each violation, naming the resource and what to do, and 2 where there was nothing to check: no plan,
or a rule that found none of the resources it is about.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from functions.manifest import ManifestError
from terraform.pipeline import rules_access, rules_data, rules_release
from terraform.pipeline.plan import PlanError, read
from terraform.pipeline.rules import checkout

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from terraform.pipeline.plan import Plan
    from terraform.pipeline.rules import Checkout, Rule, Violation

ROOT = Path(__file__).parents[2]
RULES: tuple[Rule, ...] = (*rules_access.RULES, *rules_data.RULES, *rules_release.RULES)
REFUSED = 1
NOTHING_TO_CHECK = 2


class NothingToCheckError(Exception):
    """A rule found nothing of what it is about, so its silence would say nothing."""


def violations(plan: Plan, compared: Checkout, *, without: Collection[str] = ()) -> list[Violation]:
    """Return everything that is wrong with a plan.

    Args:
        plan: What would be applied.
        compared: The checkout that it was made from.
        without: Names of rules that are left out.

    Raises:
        NothingToCheckError: The plan has none of the resources that a rule is about.
    """
    asked = [rule for rule in RULES if rule.name not in without]
    idle = [f"{rule.name}: no {kind}" for rule in asked for kind in rule.kinds if not plan.of(kind)]
    if idle or not asked:
        raise NothingToCheckError("; ".join(idle) or "every rule was left out")
    return [violation for rule in asked for violation in rule.check(plan, compared)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one plan; 1 with every violation, 2 where nothing could be checked."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.policy")
    parser.add_argument("plan", type=Path, help="output of `terraform show -json`")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout it was made from")
    names = [rule.name for rule in RULES]
    parser.add_argument("--without", action="append", default=[], choices=names, help="a rule")
    asked = parser.parse_args(arguments)
    try:
        plan = read(asked.plan)
        found = violations(plan, checkout(asked.root), without=asked.without)
    except (PlanError, ManifestError, NothingToCheckError) as error:
        sys.stderr.write(f"nothing to check: {error}\n")
        return NOTHING_TO_CHECK
    for violation in found:
        sys.stderr.write(f"{violation}\n")
    for rule in RULES:
        said = "left out" if rule.name in asked.without else "checked"
        sys.stdout.write(f"{said}: {rule.sentence}\n")
    sys.stdout.write(f"{len(plan.resources)} resources, {len(found)} violations\n")
    return REFUSED if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
