"""Generated requests against the running gateway: it answers as its own document says, or fails.

Every check of schemathesis, with a fixed seed, as nobody, as a viewer and as an administrator. The
few hundred cases of each `make test` walk what looks at nobody's token as nobody and the rest as
the others; `make soak` walks every operation as each of them, and every edge of each parameter.
"""

from __future__ import annotations

import json
import sysconfig
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud
    from tests.fakes.tokens import Authority

SCHEMATHESIS = Path(sysconfig.get_path("scripts")) / "schemathesis"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SEED = 20_260
LEAST_SOAK = 2000
FAILURES = "= FAILURES ="
"""Where a report begins to say what was found; what comes before and behind it is long."""
LAST = frozenset({"change_controls", "edit_profile", "log_out", "remove_profile", "select_profile"})
"""What may end the token of whoever does it comes last, with a token of its own."""
CALLERS = ("anonymous", "user", "admin")
FLAGS = (
    *("--checks", "all", "--seed", str(SEED), "--workers", "1"),
    *("--generation-database", "none", "--continue-on-failure", "--no-color", "--no-shrink"),
)


@dataclass(frozen=True)
class Effort:
    """How much of schemathesis is done.

    Attributes:
        phases: With commas between. Where links lead from an operation to the next, these are
            followed as well.
        examples: Most requests that are drawn for an operation.
    """

    phases: str
    examples: int


BRIEF, WHOLE = Effort("examples,fuzzing", 5), Effort("examples,coverage,fuzzing", 50)


@dataclass(frozen=True)
class Walk:
    """What came of one run: the report of what it found, and how often each status was met."""

    code: int
    report: str
    statuses: Counter[int]

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    def holds(self) -> None:
        """Fail where anything was found, or too few requests came past the limits."""
        assert self.code == 0, self.report
        assert not [status for status in self.statuses if status >= 500]
        assert self.statuses[429] <= self.cases / 10


def walk(cloud: Cloud, har: Path, *, token: str | None, effort: Effort, names: list[str]) -> Walk:
    """Send generated requests to the operations of these names, with a token or without."""
    found = operations(cloud)
    words = [str(SCHEMATHESIS), "--config-file", str(CONFIGURATION), "run"]
    words += [f"http://{cloud.address('gateway')}/api-docs/openapi.json"]
    linked = any("links" in answer for n in names for answer in found[n]["responses"].values())
    phases = f"{effort.phases},stateful" if linked else effort.phases
    words += [*FLAGS, "--phases", phases, "--max-examples", str(effort.examples)]
    words += ["--report", "har", "--report-har-path", str(har)]
    words += [word for name in names for word in ("--include-operation-id", name)]
    words += [] if token is None else ["--header", f"Authorization: Bearer {token}"]
    done = cloud.run(words, seconds=600, SCHEMATHESIS_HOOKS="tests.e2e.fuzz_hooks")
    entries = json.loads(har.read_bytes())["log"]["entries"]
    statuses = Counter(entry["response"]["status"] for entry in entries)
    report = done.out[max(0, done.out.find(FAILURES)) :]
    return Walk(done.code, report[:8000] + done.err[-2000:], statuses)


def walks(
    cloud: Cloud, har: Path, *, caller: str, authority: Authority, effort: Effort, names: list[str]
) -> list[Walk]:
    """Send generated requests to operations as one kind of caller."""
    parts = [[n for n in names if n not in LAST], [n for n in names if n in LAST]]
    return [
        walk(
            cloud, har.with_suffix(f".{n}"), token=token_of(caller, authority), effort=effort,
            names=part,
        )
        for n, part in enumerate(parts)
        if part
    ]  # fmt: skip


def operations(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """Return every documented operation by name."""
    paths = cloud.ask("GET", "/api-docs/openapi.json").required()["paths"]
    return {said["operationId"]: said for path in paths.values() for said in path.values()}


def token_of(caller: str, authority: Authority) -> str | None:
    """Return what a caller shows."""
    return {"anonymous": None, "user": authority.token(), "admin": authority.admin()}[caller]


@pytest.mark.parametrize("caller", CALLERS)
def test_generated_requests_are_answered_as_documented(
    cloud: Cloud, authority: Authority, tmp_path: Path, caller: str
) -> None:
    looks = caller != "anonymous"
    names = [name for name, said in operations(cloud).items() if bool(said["security"]) == looks]

    done = walks(
        cloud, tmp_path / caller, caller=caller, authority=authority, effort=BRIEF, names=names
    )

    for one in done:
        one.holds()
    assert done[0].statuses[200] >= len(names) / 4  # a viewer is refused what administrators may


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_thousands_of_generated_requests_are_answered_as_documented(
    cloud: Cloud, authority: Authority, tmp_path: Path
) -> None:
    names = sorted(operations(cloud))

    done = [
        one
        for caller in CALLERS
        for one in walks(
            cloud, tmp_path / caller, caller=caller, authority=authority, effort=WHOLE, names=names
        )
    ]

    for one in done:
        one.holds()
    assert sum(one.cases for one in done) >= LEAST_SOAK
