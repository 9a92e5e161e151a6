"""Whether images may be released, by what is known of them: ``python -m terraform.pipeline.scan``.

Reads what ``gcloud artifacts docker images list-vulnerabilities --format=json`` says of each image.
A grave vulnerability that has a fix stops the release; one without a fix is told.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRAVE = frozenset({"CRITICAL", "HIGH"})
FIXED = "NORMAL"
"""Kind of a version that exists; a fix that does not is MAXIMUM."""


class ScanError(Exception):
    """An image was not scanned, so nobody knows."""


@dataclass(frozen=True)
class Finding:
    """One vulnerability of one package in an image."""

    name: str
    severity: str
    package: str
    version: str
    fixed_in: str

    @property
    def stops(self) -> bool:
        """Whether it stops a release: it is grave, and there is something to do about it."""
        return self.severity in GRAVE and bool(self.fixed_in)

    def __str__(self) -> str:
        """Return the line that the pipeline prints."""
        fix = f"fixed in {self.fixed_in}" if self.fixed_in else "no fix yet"
        return f"{self.severity} {self.name}: {self.package} {self.version}, {fix}"


def findings(report: Any) -> Iterator[Finding]:  # noqa: ANN401 - any JSON
    """Yield every vulnerability in one report.

    Raises:
        ScanError: It is no report.
    """
    if not isinstance(report, list):
        raise ScanError("is not a list of occurrences")
    for occurrence in report:
        found = occurrence.get("vulnerability")
        if found is None:
            raise ScanError("holds an occurrence that is no vulnerability")
        name = occurrence.get("noteName", "").rpartition("/")[2] or found.get("shortDescription")
        severity = found.get("effectiveSeverity") or found.get("severity", "")
        for issue in found.get("packageIssue") or [{}]:
            graver = issue.get("effectiveSeverity") or severity
            yield Finding(
                str(name),
                graver if graver in GRAVE else severity,
                str(issue.get("affectedPackage", "")),
                _version(issue, "affectedVersion"),
                _version(issue, "fixedVersion") if _is_fixed(issue, found) else "",
            )


def _version(issue: dict[str, Any], name: str) -> str:
    version = issue.get(name) or {}
    return str(version.get("fullName") or version.get("name") or "another version")


def _is_fixed(issue: dict[str, Any], found: dict[str, Any]) -> bool:
    if (issue.get("fixedVersion") or {}).get("kind") == FIXED:
        return True
    return bool(issue.get("fixAvailable", found.get("fixAvailable", False)))


def report_of(image: str, folder: Path) -> Any:  # noqa: ANN401 - any JSON
    """Return the report of an image below ``folder``.

    Raises:
        ScanError: There is none, or it is not JSON.
    """
    file = folder / f"{image.replace('/', '_')}.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScanError(str(error)) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Read every report; 1 where a finding stops the release, 2 where one is missing."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.scan")
    parser.add_argument("--images", type=Path, required=True, help="list of what was scanned")
    parser.add_argument("--reports", type=Path, required=True, help="folder, one file per image")
    asked = parser.parse_args(arguments)
    images = asked.images.read_text(encoding="utf-8").split()
    if not images:
        sys.stderr.write(f"{asked.images}: names no image\n")
        return 2
    stops = 0
    for image in images:
        try:
            found = list(findings(report_of(image, asked.reports)))
        except ScanError as error:
            sys.stderr.write(f"{image}: {error}\n")
            return 2
        stops += sum(one.stops for one in found)
        for one in sorted(found, key=str):
            if one.severity in GRAVE:
                sys.stdout.write(f"{image}: {'stops' if one.stops else 'told'}: {one}\n")
    sys.stdout.write(f"{len(images)} images, {stops} findings that stop the release\n")
    return 1 if stops else 0


if __name__ == "__main__":
    raise SystemExit(main())
