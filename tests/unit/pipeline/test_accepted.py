"""What checkov finds is mended, or accepted with a reason and an address."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from terraform.pipeline.accepted import LIST, main, read_list

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """
[[accepted]]
check = "CKV_1"
resources = ['module.topic["*"].google_pubsub_topic.*', "google_storage_bucket.raw"]
reason = "Because."
"""


def compare(folder: Path, failed: list[tuple[str, str]], *flags: str, passed: int = 3) -> int:
    """Compare a report of these failures with one accepted check."""
    checks = [{"check_id": c, "check_name": "A check", "resource": r} for c, r in failed]
    report = {"summary": {"passed": passed}, "results": {"failed_checks": checks}}
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "list.toml").write_text(ENTRY)
    return main([str(folder / "report.json"), "--list", str(folder / "list.toml"), *flags])


@pytest.mark.parametrize(
    "resource",
    ["google_storage_bucket.raw", 'module.topic["content.updated"].google_pubsub_topic.topic'],
)
def test_accepted_failure_passes(tmp_path: Path, resource: str) -> None:
    assert compare(tmp_path, [("CKV_1", resource)]) == 0


@pytest.mark.parametrize(
    ("check", "resource"),
    [("CKV_2", "google_storage_bucket.raw"), ("CKV_1", "google_storage_bucket.audit")],
)
def test_other_check_or_other_resource_does_not(
    tmp_path: Path, check: str, resource: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(tmp_path, [(check, resource)]) == 1
    assert f"{resource}: {check}" in capsys.readouterr().err


def test_report_that_checked_nothing_is_refused(tmp_path: Path) -> None:
    assert compare(tmp_path, [], passed=0) == 2
    (tmp_path / "report.json").write_text("[]")
    assert main([str(tmp_path / "report.json")]) == 2


def test_entry_that_nothing_needs_is_refused_where_every_report_is_given(tmp_path: Path) -> None:
    assert compare(tmp_path, []) == 0
    assert compare(tmp_path, [], "--every") == 1


def test_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    compare(tmp_path, [])
    (tmp_path / "list.toml").write_text(ENTRY.replace("Because.", " "))

    assert main([str(tmp_path / "report.json"), "--list", str(tmp_path / "list.toml")]) == 2


def test_committed_list_accepts_each_check_once_and_says_why() -> None:
    entries = read_list()

    assert entries
    assert len({one.check for one in entries}) == len(entries), LIST
    assert all(re.fullmatch(r"CKV2?_GCP_\d+", one.check) for one in entries)
    assert all(len(one.reason) > 40 for one in entries)
