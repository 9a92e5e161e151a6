"""The pipeline's file: every step can run, in an order that holds; a pull request ends early."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import pytest
import yaml

from functions.manifest import read_all, routes
from terraform.pipeline import local
from terraform.pipeline.release import HEADER, REACHED
from tests.unit.terraform.plans import ROOT

TEXT = (ROOT / "cloudbuild.yaml").read_text(encoding="utf-8")
BUILD: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
SUBSTITUTIONS: dict[str, str] = BUILD["substitutions"]
LAST_OF_A_PULL_REQUEST = "checkov-gate"
GIVEN = {"BUILD_ID", "COMMIT_SHA", "PROJECT_ID"}
"""Substitutions that Cloud Build makes."""


def before(step: str) -> set[str]:
    """Return every step that has ended when this one begins."""
    found: set[str] = set()
    for name in STEPS[step]["waitFor"]:
        if name != "-":
            found |= {name} | before(name)
    return found


def test_steps_are_named_once_and_wait_for_steps_that_stand_above_them() -> None:
    names = [step["id"] for step in BUILD["steps"]]

    assert len(set(names)) == len(names)
    for place, step in enumerate(BUILD["steps"]):
        assert set(step["waitFor"]) <= {*names[:place], "-"}, step["id"]


def test_stages_come_in_the_order_that_is_promised() -> None:
    chain = ["set-up", "bundles", "job-image", "pin", "plan", "policy", "function-images"]
    chain += ["scan", "scan-gate", "apply", "migrate", "canary", "smoke", "record", "keep"]

    for earlier, later in zip(chain, [*chain[1:], "conclude"], strict=True):
        assert earlier in before(later), later
    assert {"static", "tests", "sbom", "checkov-gate", "policy"} <= before("apply")


def test_every_module_that_a_step_runs_exists() -> None:
    modules = set(re.findall(r"python -m ([\w.]+)", TEXT))

    assert {"terraform.pipeline.policy", "terraform.pipeline.release"} <= modules
    for module in modules:
        assert importlib.util.find_spec(module) is not None, module


def test_every_target_file_and_stage_that_a_step_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"^ +make (\w+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for file in re.findall(r"(?:python |--file )((?:emulators|functions)/\S+)", TEXT):
        assert (ROOT / file).is_file(), file
    stages = {stage.name for stage in local.STAGES}
    assert set(re.findall(r"--only (\w+)", TEXT)) <= stages


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_environment_has_its_variables_and_its_state(environment: str) -> None:
    plan = STEPS["plan"]["script"]

    for name in re.findall(r"environments/\$_ENVIRONMENT\.(\w+(?:\.\w+)?)", plan):
        assert (ROOT / "terraform" / "environments" / f"{environment}.{name}").is_file()


def test_every_step_after_the_plan_leaves_itself_out_of_a_pull_request() -> None:
    guard = re.compile(r'"\$_RELEASE" (?:==|!=) "true"')
    later = [name for name in STEPS if LAST_OF_A_PULL_REQUEST in before(name)]

    assert {"apply", "migrate", "canary", "record"} <= set(later)
    for name in later:
        lines = STEPS[name]["script"].splitlines()[2:]
        assert guard.search(lines[0]), name
        assert "exit 0" in lines[0], name


def test_a_pull_request_pushes_pins_and_locks_nothing() -> None:
    image, plan = STEPS["job-image"]["script"], STEPS["plan"]["script"]
    read_only = plan.split("else\n")[1]

    assert image.index("exit 0") < image.index("docker push")
    assert "exit 0" in STEPS["pin"]["script"].splitlines()[2]
    assert "-lock=false" in read_only
    assert SUBSTITUTIONS["_RELEASE"] == "false"


def test_what_is_applied_is_the_plan_that_was_checked_and_nothing_else() -> None:
    planned = set(re.findall(r"-out=(\S+)", STEPS["plan"]["script"]))
    applied = STEPS["apply"]["script"].splitlines()[-1].split()

    assert planned == {applied[-1]} == {"../build/plan.tfplan"}
    assert not [word for word in applied if word.startswith(("-var", "-target", "-auto"))]
    assert "sha256sum -c ../build/plan.sha256" in STEPS["apply"]["script"]
    assert "show -json ../build/plan.tfplan > ../build/plan.json" in STEPS["plan"]["script"]
    assert STEPS["policy"]["script"].splitlines()[-1].endswith(" build/plan.json")
    assert [name for name in STEPS if "plan.tfplan" in STEPS[name]["script"]] == ["plan", "apply"]


def test_policy_leaves_nothing_out_of_a_release() -> None:
    script = STEPS["policy"]["script"]

    assert re.findall(r"--without (\w+)", script) == ["jobs_are_built"]
    assert '[[ "$_RELEASE" == "true" ]] || without=(--without jobs_are_built)' in script


def test_nothing_is_whatever_is_newest() -> None:
    images = {name: value for name, value in SUBSTITUTIONS.items() if name.endswith("_IMAGE")}

    assert "latest" not in TEXT
    assert {step["name"] for step in STEPS.values()} == {f"${{{name}}}" for name in images}
    for image in images.values():
        assert re.search(r":\d+\.\d+\.\d+", image), image
    assert "PYTHON_DIGEST" in (ROOT / "functions" / "Dockerfile").read_text(encoding="utf-8")
    assert '[ -n "$_PYTHON_DIGEST" ]' in STEPS["job-image"]["script"]


def test_every_substitution_that_a_script_reads_is_declared_and_the_other_way_round() -> None:
    read = set(re.findall(r"\$\{?(_[A-Z_]+|[A-Z]+_[A-Z]+)\b", TEXT))

    assert read - GIVEN == set(SUBSTITUTIONS)


def test_triggers_set_only_what_is_declared() -> None:
    text = (ROOT / "terraform" / "pipeline.tf").read_text(encoding="utf-8")

    assert set(re.findall(r"^ +(_[A-Z_]+) +=", text, re.MULTILINE)) <= set(SUBSTITUTIONS)
    assert re.search(r"service_account = google_service_account\.deployer\.id", text)


def test_secrets_come_from_secret_manager_alone() -> None:
    asked = {name for step in STEPS.values() for name in step.get("secretEnv", [])}
    given = BUILD.get("availableSecrets", {}).get("secretManager", [])

    assert asked == {one["env"] for one in given}
    assert not [step["id"] for step in STEPS.values() if "env" in step]
    assert not re.search(r"(?i)password|api[_-]?key|private_key|token=", TEXT)


def test_build_is_verified_and_logs_where_its_own_account_may() -> None:
    assert BUILD["options"]["requestedVerifyOption"] == "VERIFIED"
    assert BUILD["options"]["logging"] == "CLOUD_LOGGING_ONLY"
    assert BUILD["options"]["automapSubstitutions"] is True


def test_scripts_stop_at_their_first_failure() -> None:
    for name, step in STEPS.items():
        shell, options = step["script"].splitlines()[:2]
        assert shell.startswith("#!"), name
        assert options in {"set -eu", "set -euo pipefail"}, name


def test_what_may_fail_is_concluded_from_its_record() -> None:
    may_fail = {name for name, step in STEPS.items() if step.get("allowFailure")}

    assert may_fail == {"canary", "smoke"}
    assert may_fail < before("record")
    assert '"result": "released"' in STEPS["conclude"]["script"]
    assert "roll-back" in STEPS["smoke"]["script"]


def test_candidate_is_led_to_by_the_header_that_the_walk_sends() -> None:
    edge = (ROOT / "terraform" / "edge.tf").read_text(encoding="utf-8")

    assert f'header_name = "{HEADER}"' in edge


PARTICULAR = {"catalog-images", "catalog-seasons", "identity-avatar"}
"""Services whose reads name what not every environment has: a picture, a season."""


def test_load_reaches_services_that_anybody_may_read_from() -> None:
    read = [each for each in routes(read_all()) if each["method"] == "GET" and not each["page"]]
    anybodys = {route["service"] for route in read if route["auth"] in {"public", "optional"}}

    assert (anybodys - PARTICULAR) | {"gateway"} == REACHED
    assert anybodys >= PARTICULAR


def test_local_twin_runs_or_explains_every_step() -> None:
    told = {stage.name for stage in local.STAGES} | set(local.IN_THE_CLOUD)
    gates = {"set-up", "checkov-gate", "scan-gate", "record", "conclude"}

    assert set(STEPS) - gates <= told
    assert set(local.IN_THE_CLOUD) <= set(STEPS)


def test_document_tells_what_every_step_does() -> None:
    document = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    assert not [name for name in STEPS if f"| `{name}` |" not in document]
