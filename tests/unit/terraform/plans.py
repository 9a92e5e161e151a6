"""Terraform runs here on a copy of what it reads, with stand-in providers and without network.

A plan is made once per environment and session, whoever asks first.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulators.core import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
TOOLS = ROOT.parent / "shared" / "tools"
ENVIRONMENTS = ("dev", "staging", "prod")
READ = ("terraform", "functions", "workflows")
TIMEOUT_SECONDS = 280
COLLECT_SELDOM = {"GOGC": "400"}
"""A third of a plan is collecting garbage; this way it takes 1 GB of memory instead of 0.3."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and all it said."""

    status: int
    said: str


@dataclass(frozen=True)
class Plan:
    """What Terraform would make, from ``terraform show -json``."""

    document: Json = field(repr=False)

    @property
    def resources(self) -> list[Json]:
        """Every planned resource of every module."""
        return list(_resources(self.document["planned_values"]["root_module"]))

    def of(self, kind: str) -> list[Json]:
        """Return the planned resources of a type."""
        return [one for one in self.resources if one["type"] == kind]

    def values(self, kind: str) -> list[Json]:
        """Return the arguments of each planned resource of a type."""
        return [one["values"] for one in self.of(kind)]

    def resources_with(self, argument: str) -> list[Json]:
        """Return the arguments of each planned resource that gives this one a known value."""
        return [one["values"] for one in self.resources if one["values"].get(argument)]

    def at(self, address: str) -> Json:
        """Return the arguments of the resource at an address."""
        return next(one["values"] for one in self.resources if one["address"] == address)

    @property
    def outputs(self) -> Json:
        """Outputs that are known before anything is made."""
        found = self.document["planned_values"].get("outputs", {})
        return {name: one["value"] for name, one in found.items() if "value" in one}

    @property
    def checks(self) -> dict[str, str]:
        """Status of every check block and condition, by address."""
        found = self.document.get("checks", [])
        return {one["address"]["to_display"]: one["status"] for one in found}


def _resources(module: Json) -> Iterator[Json]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def require_terraform() -> None:
    """Skip where Terraform cannot run without network."""
    if not (TOOLS / "tf_stub.py").is_file():
        pytest.skip("../shared/tools/tf_stub.py is absent: no stand-in for Google's provider")
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    absent = [name for name in ("grpc", "google.protobuf", "msgpack") if find_spec(name) is None]
    if absent:
        pytest.skip(f"the stand-in provider needs {', '.join(absent)}")


def copied(target: Path) -> Path:
    """Copy what Terraform reads below ``target``; return the folder of the root module."""
    ignore = shutil.ignore_patterns(".terraform*", "__pycache__", "*.tfstate*")
    for name in READ:
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    return target / "terraform"


def run_stub(root: Path, command: str, *arguments: str) -> Ran:
    """Run one command of the stand-in on a root module."""
    require_terraform()
    line = [sys.executable, str(TOOLS / "tf_stub.py"), str(root), command, *arguments]
    done = subprocess.run(  # noqa: S603 - our own tool and arguments
        line,
        env={**environment.load().inherited, **COLLECT_SELDOM},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    return Ran(done.returncode, done.stdout + done.stderr)


def planned(root: Path, environment: str) -> Plan:
    """Plan a root module for an environment.

    Raises:
        AssertionError: There is no plan; the message is what Terraform said.
    """
    file = root.parent / f"{environment}.json"
    variables = f"-var-file=environments/{environment}.tfvars"
    ran = run_stub(root, "plan", "--json", str(file), "--", variables)
    assert ran.status == 0, ran.said
    return Plan(json.loads(file.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Plan]]:
    """Return a function from ``dev``, ``staging`` or ``prod`` to its plan; two are made at once."""
    require_terraform()
    root = copied(tmp_path_factory.mktemp("planned"))
    with ThreadPoolExecutor(2) as pool:
        made = {name: pool.submit(planned, root, name) for name in ENVIRONMENTS}
        yield lambda environment: made[environment].result()
        pool.shutdown(cancel_futures=True)
