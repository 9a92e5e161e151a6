"""What runs: the plan of functions, jobs, topics, workflows and all they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.terraform.conftest import Plan

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_api_stays_on_when_everything_is_destroyed(
    plan: Callable[[str], Plan], environment: str
) -> None:
    services = plan(environment).values("google_project_service")

    assert len(services) > 10
    assert not any(one["disable_on_destroy"] for one in services)
