"""Workers are given whole groups, so that what a group shares is made once."""

from __future__ import annotations

import pytest

from tests.conftest import pytest_xdist_make_scheduler


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/e2e/test_smoke.py::test_a", "e2e"),
        ("tests/unit/pipeline/test_policy.py::test_a[x::y]", "plans"),
        ("tests/unit/kernel/test_text.py::test_a[/]", "unit/kernel/test_text.py"),
    ],
)
def test_a_group_is_a_file_or_the_folders_that_share_what_is_dear(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, nodeid: str, group: str
) -> None:
    monkeypatch.setattr(request.config.option, "tx", ["popen"])  # a run in one process has none

    scheduler = pytest_xdist_make_scheduler(request.config, None)

    assert scheduler._split_scope(nodeid) == group
