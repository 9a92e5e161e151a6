"""The stages that need no cloud, on this machine: ``python -m terraform.pipeline.local``.

A stage fails, passes or says why it was not executed; so do, at the end, those that only a cloud
can execute. ``--only`` and ``--without`` choose stages by name.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PYTHON = sys.executable
TOOLS = ROOT.parent / "shared" / "tools"
ENVIRONMENTS = ("dev", "staging", "prod")
READ = ("build", "docs/runbooks", "functions", "terraform", "workflows")
"""What a plan is made from, and compared with."""
STUB_NEEDS = ("grpc", "google.protobuf", "msgpack")

IN_THE_CLOUD = {
    "job-image": "needs Docker; what it is built of was made by `bundles`",
    "pin": "needs Cloud Run; the call is tested (tests/emulated/pipeline)",
    "function-images": "needs Cloud Run's builder; the calls are tested (tests/emulated/pipeline)",
    "scan": "needs Artifact Registry's scanner; the gate is tested (tests/unit/pipeline)",
    "apply": "needs a project; what would be applied was planned and checked",
    "migrate": "needs a project; `mg up` runs the same job on the local database",
    "canary": "needs Cloud Run and Monitoring; decisions and calls are tested",
    "smoke": "needs a public door; tests/e2e/test_smoke.py walks through the local one",
    "keep": "needs the artifacts bucket; what is kept is tested (tests/unit/pipeline)",
}


class StageError(Exception):
    """A stage failed; its own output says why."""


class NotExecuted(Exception):  # noqa: N818 - nothing went wrong
    """A stage cannot run here; the message says what is absent."""


@dataclass(frozen=True)
class Work:
    """Where the stages leave what later ones read."""

    folder: Path
    checkov: str
    plans: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One step, by the name that `cloudbuild.yaml` gives it where it has one there."""

    name: str
    run: Callable[[Work], None]


def _run(*words: str | Path, cwd: Path = ROOT, quiet: bool = False) -> None:
    """Run a command to its end.

    Raises:
        StageError: It failed.
    """
    line = [str(word) for word in words]
    done = subprocess.run(line, cwd=cwd, check=False, capture_output=quiet, text=True)  # noqa: S603 - our own words
    if done.returncode:
        said = f"\n{done.stdout}{done.stderr}" if quiet else ""
        raise StageError(f"{' '.join(line[:6])} … ended with {done.returncode}{said}")


def _static(_: Work) -> None:
    _run(BIN / "ruff", "format", "--check", ".")
    _run(BIN / "ruff", "check", ".")
    _run(BIN / "mypy")
    _run(BIN / "lint-imports")


def _tests(_: Work) -> None:
    _run(BIN / "python", "-m", "slipcover", "-m", "pytest", "-q", "-m", "not soak")


def _google(_: Work) -> None:
    """Run the tests of our Firestore and Pub/Sub against Google's own emulators."""
    if absent := [name for name in ("gcloud", "java") if shutil.which(name) is None]:
        raise NotExecuted(f"Google's emulators need {' and '.join(absent)}")
    emulated = [f"tests/emulated/{service}" for service in ("firestore", "pubsub")]
    _run(BIN / "pytest", "-q", "-m", "not soak", *emulated, "--target", "google")


def _bundles(_: Work) -> None:
    _run(PYTHON, "-m", "functions.bundle", "--all")


def _sbom(_: Work) -> None:
    if find_spec("cyclonedx") is None:
        raise NotExecuted("cyclonedx-python-lib is not installed")
    _run(PYTHON, "-m", "terraform.pipeline.sbom")


def _cloudbuild(_: Work) -> None:
    _run(BIN / "pytest", "-q", "tests/unit/pipeline/test_cloudbuild.py")
    if find_spec("check_jsonschema") is None:
        raise NotExecuted("structure held; check-jsonschema, for the schema, is not installed")
    schema = "vendor.cloudbuild"
    _run(PYTHON, "-m", "check_jsonschema", "--builtin-schema", schema, "cloudbuild.yaml")


def _format(_: Work) -> None:
    _needs_terraform()
    _run("terraform", "fmt", "-check", "-recursive", "terraform")


def _tf_check(_: Work) -> None:
    tool = _tool("tf_check.py")
    if find_spec("hcl2") is None:
        raise NotExecuted("python-hcl2 is not installed")
    _run(PYTHON, tool, "terraform")


def _plan(work: Work) -> None:
    """Validate and plan every environment, on a copy: the tool cannot copy a socket."""
    _needs_terraform()
    tool = _tool("tf_stub.py")
    if absent := [name for name in STUB_NEEDS if find_spec(name) is None]:
        raise NotExecuted(f"the stand-in provider needs {', '.join(absent)}")
    if not (ROOT / "build" / "manifest.json").exists():
        raise StageError("there is no bundle to plan: build/manifest.json is absent")
    root = _copied(work.folder / "checkout") / "terraform"
    _run(PYTHON, tool, root, "validate", quiet=True)
    for environment in ENVIRONMENTS:
        file = work.folder / f"{environment}.json"
        variables = f"-var-file=environments/{environment}.tfvars"
        _run(PYTHON, tool, root, "plan", "--json", file, "--", variables, quiet=True)
        work.plans[environment] = file


def _policy(work: Work) -> None:
    """Check every plan; no image of jobs was built here."""
    for file in _planned(work):
        _run(PYTHON, "-m", "terraform.pipeline.policy", "--without", "jobs_are_built", file)


def _checkov(work: Work) -> None:
    plans = _planned(work)
    if not work.checkov:
        raise NotExecuted("checkov is not installed (--checkov names the program)")
    reports = []
    for plan in plans:
        words = [work.checkov, "--file", str(plan), "--framework", "terraform_plan"]
        words += ["--skip-download", "--soft-fail", "--output", "json"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
        if done.returncode:  # with --soft-fail findings are none of its business
            raise StageError(f"{work.checkov} did not run\n{done.stderr[-1000:]}")
        reports.append(plan.with_suffix(".checkov.json"))
        reports[-1].write_text(done.stdout, encoding="utf-8")
    _run(PYTHON, "-m", "terraform.pipeline.accepted", "--every", *reports)


def _planned(work: Work) -> list[Path]:
    if not work.plans:
        raise NotExecuted("nothing was planned")
    return list(work.plans.values())


def _needs_terraform() -> None:
    if shutil.which("terraform") is None:
        raise NotExecuted("terraform is not installed")


def _tool(name: str) -> Path:
    if not (TOOLS / name).is_file():
        raise NotExecuted(f"../shared/tools/{name} is absent")
    return TOOLS / name


def _copied(target: Path) -> Path:
    ignore = shutil.ignore_patterns(".terraform*", "__pycache__", "*.tfstate*")
    for name in READ:
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    return target


STAGES = (
    Stage("static", _static),
    Stage("tests", _tests),
    Stage("google", _google),
    Stage("bundles", _bundles),
    Stage("sbom", _sbom),
    Stage("cloudbuild", _cloudbuild),
    Stage("format", _format),
    Stage("tf_check", _tf_check),
    Stage("plan", _plan),
    Stage("policy", _policy),
    Stage("checkov", _checkov),
)


def run(stages: Sequence[Stage], work: Work) -> tuple[list[str], list[str]]:
    """Run stages in their order; return what failed, and what was not executed with its reason."""
    failed, left_out = [], []
    for stage in stages:
        _say(f"--- {stage.name}")
        started = time.monotonic()
        try:
            stage.run(work)
        except NotExecuted as reason:
            left_out.append(f"{stage.name}: {reason}")
        except StageError as error:
            _say(str(error))
            failed.append(stage.name)
        _say(f"--- {stage.name}: {time.monotonic() - started:.0f} s")
    return failed, left_out


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def chosen(only: Collection[str], without: Collection[str]) -> list[Stage]:
    """Return the stages that were asked for, in their order."""
    return [
        stage for stage in STAGES if stage.name not in without and (not only or stage.name in only)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stages that need no cloud; 1 where one failed, 2 where none was executed."""
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.local")
    parser.add_argument("--only", action="append", default=[], choices=names)
    parser.add_argument("--without", action="append", default=[], choices=names)
    checkov = shutil.which("checkov") or ""
    parser.add_argument("--checkov", default=checkov, help="the program, where not on the path")
    asked = parser.parse_args(arguments)
    stages = chosen(asked.only, asked.without)
    with tempfile.TemporaryDirectory(prefix="ci-") as folder:
        failed, left_out = run(stages, Work(Path(folder), asked.checkov))
    executed = len(stages) - len(left_out)
    left_out += [f"{name}: was not asked for" for name in names if name in asked.without]
    left_out += [f"{name}: {reason}" for name, reason in IN_THE_CLOUD.items()]
    _say("\nnot executed here:")
    _say("".join(f"  {line}\n" for line in left_out))
    _say(f"failed: {', '.join(failed)}" if failed else "nothing that was executed failed")
    if failed:
        return 1
    return 0 if executed else 2


if __name__ == "__main__":
    raise SystemExit(main())
