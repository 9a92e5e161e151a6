"""What is known of an image stops its release, or is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from terraform.pipeline.scan import main

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "us-docker.pkg.dev/p/jobs/jobs@sha256:ab"


def occurrence(severity: str, fixed: str, **more: object) -> dict[str, Any]:
    """Return one occurrence as Container Analysis gives it."""
    version = {"kind": "NORMAL", "fullName": fixed} if fixed else {"kind": "MAXIMUM"}
    issue = {
        "affectedPackage": "openssl",
        "affectedVersion": {"kind": "NORMAL", "fullName": "3.0.1"},
        "fixedVersion": version,
        "fixAvailable": bool(fixed),
    }
    found = {"effectiveSeverity": severity, "packageIssue": [issue], **more}
    return {"noteName": "projects/goog-vulnz/notes/CVE-2026-1", "vulnerability": found}


def scanned(folder: Path, report: object, images: str = IMAGE) -> int:
    """Write a report and pass it through the gate."""
    (folder / "images.txt").write_text(images)
    (folder / f"{IMAGE.replace('/', '_')}.json").write_text(json.dumps(report))
    return main(["--images", str(folder / "images.txt"), "--reports", str(folder)])


@pytest.mark.parametrize("severity", ["HIGH", "CRITICAL"])
def test_grave_vulnerability_with_a_fix_stops_the_release(
    tmp_path: Path, severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scanned(tmp_path, [occurrence(severity, "3.0.2")]) == 1
    assert f"{severity} CVE-2026-1: openssl 3.0.1, fixed in 3.0.2" in capsys.readouterr().out


def test_grave_vulnerability_without_a_fix_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scanned(tmp_path, [occurrence("CRITICAL", "")]) == 0
    assert "told: CRITICAL CVE-2026-1: openssl 3.0.1, no fix yet" in capsys.readouterr().out


@pytest.mark.parametrize("severity", ["MEDIUM", "LOW", "MINIMAL"])
def test_slight_vulnerability_stops_nothing(tmp_path: Path, severity: str) -> None:
    assert scanned(tmp_path, [occurrence(severity, "3.0.2")]) == 0


def test_gravest_package_decides(tmp_path: Path) -> None:
    issues = [{"effectiveSeverity": "CRITICAL", "fixAvailable": True}]

    assert scanned(tmp_path, [occurrence("MEDIUM", "", packageIssue=issues)]) == 1


def test_vulnerability_without_packages_counts_by_itself(tmp_path: Path) -> None:
    found = occurrence("HIGH", "", packageIssue=[], fixAvailable=True)

    assert scanned(tmp_path, [found]) == 1


def test_image_without_vulnerabilities_passes(tmp_path: Path) -> None:
    assert scanned(tmp_path, []) == 0


@pytest.mark.parametrize("report", [{}, None, [{"kind": "PACKAGE"}]])
def test_what_is_no_report_is_not_taken_for_a_clean_one(tmp_path: Path, report: object) -> None:
    assert scanned(tmp_path, report) == 2


def test_image_that_was_not_scanned_is_not_taken_for_a_clean_one(tmp_path: Path) -> None:
    assert scanned(tmp_path, [], images=f"{IMAGE}\nus-docker.pkg.dev/p/functions/gateway:1") == 2
    assert scanned(tmp_path, [], images="\n") == 2
