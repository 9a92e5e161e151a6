"""Whether checkov found what nobody accepted: ``python -m terraform.pipeline.accepted REPORT…``.

Each accepted check stands in ``terraform/policy/checkov.toml`` with its resources and one reason.
A report that checked nothing is refused, and so is an entry that no given report needs any more
(``--every``, when reports of all environments are given).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

LIST = Path(__file__).parents[1] / "policy" / "checkov.toml"


class ReportError(Exception):
    """A report or the list cannot be used."""


@dataclass(frozen=True)
class Accepted:
    """One check that may fail.

    Attributes:
        check: Its id.
        resources: Addresses at which it may, with ``*`` for anything.
        reason: Why.
    """

    check: str
    resources: tuple[str, ...]
    reason: str

    def covers(self, check: str, resource: str) -> bool:
        """Tell whether a failure is accepted by this entry."""
        named = resource.replace("[", "(").replace("]", ")")  # brackets are a pattern's own
        patterns = (one.replace("[", "(").replace("]", ")") for one in self.resources)
        return check == self.check and any(fnmatchcase(named, pattern) for pattern in patterns)


def read_list(file: Path = LIST) -> list[Accepted]:
    """Return the committed list.

    Raises:
        ReportError: An entry has no reason, or no resource.
    """
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["accepted"]
    found = [Accepted(one["check"], tuple(one["resources"]), one["reason"]) for one in entries]
    for one in found:
        if not one.resources or not one.reason.strip():
            raise ReportError(f"{file.name}: {one.check} has no resource or no reason")
    return found


def failures(report: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - any JSON
    """Return id, name and resource of every check that failed.

    Raises:
        ReportError: Nothing was checked.
    """
    if not isinstance(report, dict) or not report.get("summary", {}).get("passed"):
        raise ReportError("nothing was checked")
    failed = report["results"]["failed_checks"]
    return [(one["check_id"], one["check_name"], one["resource"]) for one in failed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare reports with the list; 1 where something is not accepted, 2 where nothing is."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.accepted")
    parser.add_argument("reports", type=Path, nargs="+", help="output of `checkov -o json`")
    parser.add_argument("--list", type=Path, default=LIST, help="what is accepted")
    parser.add_argument("--every", action="store_true", help="refuse entries no report needs")
    asked = parser.parse_args(arguments)
    try:
        accepted = read_list(asked.list)
        found = [one for file in asked.reports for one in failures(json.loads(file.read_bytes()))]
    except (ReportError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"accepted: {error!r}\n")
        return 2
    wrong = [
        f"{resource}: {check} {name}. Mend it, or accept it with a reason in {asked.list.name}"
        for check, name, resource in found
        if not any(one.covers(check, resource) for one in accepted)
    ]
    if asked.every:
        wrong += _idle(accepted, found)
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    sys.stdout.write(f"{len(found)} failures, {len(wrong)} of them not accepted\n")
    return 1 if wrong else 0


def _idle(accepted: Sequence[Accepted], found: Sequence[tuple[str, str, str]]) -> list[str]:
    return [
        f"{one.check} is accepted and nothing fails it: take the entry away"
        for one in accepted
        if not any(one.covers(check, resource) for check, _, resource in found)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
