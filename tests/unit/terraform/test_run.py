"""What runs: the plan of functions, jobs, topics, workflows and all that they need."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from functions.manifest import Manifest, Role, read_all, service_name
from functions.route import Auth
from shared.adapters import connect
from tests.unit.terraform.plans import Plan, copied, planned, run_stub

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Plans = Callable[[str], Plan]

ENVIRONMENTS = ("dev", "staging", "prod")
MANIFESTS = read_all()
FUNCTIONS = {folder: one for folder, one in MANIFESTS.items() if one.job is None}
JOBS = {folder: one for folder, one in MANIFESTS.items() if one.job is not None}
SERVICE = "google_cloud_run_v2_service"
JOB = "google_cloud_run_v2_job"

WITHOUT_RESOURCE = {
    "roles/aiplatform.user": ("fn-", "job-"),  # Vertex AI binds on projects only
    "roles/cloudsql.client": "",  # Cloud SQL too; the condition names the instance
    "roles/cloudsql.instanceUser": "",
    "roles/logging.logWriter": "wf-",  # logs belong to the project
    "roles/workflows.invoker": ("cron-", "fn-"),  # Workflows binds on projects only
}
"""Roles that no resource takes, and the beginning of the accounts that may have them."""


def account_of(folder: str) -> str:
    """Return the account a folder must run as."""
    kind = "job" if folder in JOBS else "fn"
    return f"{kind}-{service_name(folder)}@media-gateway-dev.iam.gserviceaccount.com"


def member(folder: str) -> str:
    """Return the account of a folder as bindings name it."""
    return f"serviceAccount:{account_of(folder)}"


def template_of(deployable: dict[str, Any]) -> dict[str, Any]:
    """Return what one instance of a planned service or job is made of."""
    template: dict[str, Any] = deployable["template"][0]
    inner: dict[str, Any] = template["template"][0] if "template" in template else template
    return inner


def variables_of(deployable: dict[str, Any]) -> set[str]:
    """Return the names of a planned deployable's environment variables."""
    return {one["name"] for one in template_of(deployable)["containers"][0]["env"]}


def deployables(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return every planned service and job by name."""
    return {one["name"]: one for one in (*plan.values(SERVICE), *plan.values(JOB))}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_folder_is_deployed_once_and_nothing_else_is(plan: Plans, environment: str) -> None:
    made = plan(environment)

    services = [one["name"] for one in made.values(SERVICE)]
    jobs = [one["name"] for one in made.values(JOB)]

    assert sorted(services) == sorted(map(service_name, FUNCTIONS))
    assert sorted(jobs) == sorted(map(service_name, JOBS))


def test_every_deployable_runs_as_an_account_used_by_nothing_else(plan: Plans) -> None:
    made = plan("dev")
    used = {name: template_of(one)["service_account"] for name, one in deployables(made).items()}
    callers = {
        one["push_config"][0]["oidc_token"][0]["service_account_email"]
        for one in made.values("google_pubsub_subscription")
        if one["push_config"]
    }

    assert used == {service_name(folder): account_of(folder) for folder in MANIFESTS}
    assert len(callers) == sum(one.event is not None for one in MANIFESTS.values())
    assert not callers & set(used.values())


def test_every_account_that_runs_or_calls_is_made_here(plan: Plans) -> None:
    made = plan("dev")
    ids = [one["account_id"] for one in made.values("google_service_account")]
    end = "@media-gateway-dev.iam.gserviceaccount.com"
    named = {
        one["member"].removeprefix("serviceAccount:").removesuffix(end)
        for one in made.resources_with("member")
        if one["member"].endswith(end)
    }

    assert len(ids) == len(set(ids))
    assert all(6 <= len(name) <= 30 for name in ids)
    assert named <= set(ids)


def test_a_deployable_is_told_what_its_manifest_names_and_where_it_is(plan: Plans) -> None:
    common = {
        "FUNCTION_USE_ASGI",
        "GOOGLE_CLOUD_LOCATION",
        "GOOGLE_CLOUD_PROJECT",
        "MEDIA_GATEWAY_ENVIRONMENT",
        "MEDIA_GATEWAY_LOG_LEVEL",
        "OPENBLAS_NUM_THREADS",
    }
    found = {name: variables_of(one) for name, one in deployables(plan("dev")).items()}

    assert found == {service_name(f): common | set(one.env) for f, one in MANIFESTS.items()}


def test_buckets_are_mounted_where_the_environment_says(plan: Plans) -> None:
    made = deployables(plan("dev"))
    places = {"MEDIA_GATEWAY_RAW_DIR": "/mnt/raw", "MEDIA_GATEWAY_ARTIFACTS_DIR": "/mnt/artifacts"}

    for folder, manifest in MANIFESTS.items():
        template = template_of(made[service_name(folder)])
        mounts = {one["mount_path"] for one in template["containers"][0]["volume_mounts"]}
        writable = {one["name"] for one in template["volumes"] if not one["gcs"][0]["read_only"]}

        assert mounts == {places[name] for name in manifest.env if name in places}
        writes = {"artifacts"} if Role.ARTIFACTS in manifest.roles else set()
        assert writable == writes | ({"raw"} if "/mnt/raw" in mounts else set())


def test_scaling_memory_and_time_are_the_manifests(plan: Plans) -> None:
    made = deployables(plan("prod"))

    for folder, manifest in FUNCTIONS.items():
        template = made[service_name(folder)]["template"][0]
        scaling = template["scaling"][0]

        assert template["max_instance_request_concurrency"] == manifest.scaling.concurrency
        assert scaling["max_instance_count"] == manifest.scaling.max
        assert scaling["min_instance_count"] == manifest.scaling.min
        assert template["timeout"] == f"{manifest.timeout_seconds}s"
        assert template["containers"][0]["resources"][0]["limits"]["memory"] == manifest.memory


def test_dev_keeps_nothing_up_and_grows_little(plan: Plans) -> None:
    scaling = [one["template"][0]["scaling"][0] for one in plan("dev").values(SERVICE)]

    assert {one["min_instance_count"] for one in scaling} == {0}
    assert max(one["max_instance_count"] for one in scaling) == 3


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_pushed_subscription_retries_and_sets_aside(plan: Plans, environment: str) -> None:
    found = plan(environment).values("google_pubsub_subscription")
    pushed = [one for one in found if not one["name"].endswith("--dead-letter")]

    assert {one["name"] for one in pushed} == {
        f"{service_name(folder)}--{topic}"
        for folder, one in MANIFESTS.items()
        if one.event
        for topic in one.event.topics
    }
    for one in pushed:
        assert one["dead_letter_policy"][0]["max_delivery_attempts"] == 5
        assert one["retry_policy"] == [{"minimum_backoff": "10s", "maximum_backoff": "600s"}]
        assert one["enable_message_ordering"]
        assert one["ack_deadline_seconds"] == 60
        service = one["name"].partition("--")[0]
        assert one["filter"] == (
            f'attributes.redelivered_to = "{service}" OR NOT attributes:redelivered_to'
        )
    assert all(one["expiration_policy"] == [{"ttl": ""}] for one in found)


def test_every_topic_has_dead_letters_that_are_kept(plan: Plans) -> None:
    made = plan("dev")
    topics = {one["name"] for one in made.values("google_pubsub_topic")}
    kept = {one["name"] for one in made.values("google_pubsub_subscription")}
    events = {name for name in topics if not name.endswith("--dead-letter")}

    assert events == {one["name"] for one in made.values("google_pubsub_schema")}
    assert {f"{name}--dead-letter" for name in events} == topics - events
    assert topics - events <= kept
    for one in made.values("google_pubsub_subscription"):
        if one["name"].endswith("--dead-letter"):
            assert "dead-letters-keep" in one["push_config"][0]["push_endpoint"]
            assert one["message_retention_duration"] == f"{31 * 86400}s"
            assert one["dead_letter_policy"] == []


def test_titles_that_came_went_or_became_one_can_be_told_of_again_for_a_month(plan: Plans) -> None:
    kept = {
        one["name"]: one["message_retention_duration"]
        for one in plan("prod").values("google_pubsub_topic")
        if not one["name"].endswith("--dead-letter")
    }
    month = {name for name, duration in kept.items() if duration == f"{30 * 86400}s"}

    assert month == {
        "availability.changed", "content.deleted", "content.ingested", "content.merged",
    }  # fmt: skip
    assert {kept[name] for name in kept.keys() - month} == {f"{7 * 86400}s"}


def test_a_push_carries_a_token_for_the_function_that_it_calls(plan: Plans) -> None:
    for one in plan("dev").values("google_pubsub_subscription"):
        for push in one["push_config"]:
            named, _, of = one["name"].partition("--")
            service = "dead-letters-keep" if of == "dead-letter" else named
            token = push["oidc_token"][0]

            assert push["push_endpoint"] == token["audience"] + "/"
            assert token["audience"].startswith(f"https://{service}-")
            assert token["service_account_email"].startswith(f"push-{service}@")


def test_a_function_is_called_by_those_the_call_graph_names(plan: Plans) -> None:
    invokers: dict[str, set[str]] = {name: set() for name in map(service_name, FUNCTIONS)}
    for one in plan("dev").values("google_cloud_run_v2_service_iam_member"):
        assert one["role"] == "roles/run.invoker"
        invokers[one["name"]].add(one["member"].partition(":")[2].partition("@")[0])

    for folder, manifest in FUNCTIONS.items():
        service = service_name(folder)
        routed = any(route.auth is not Auth.SERVICE for route in manifest.http)
        expected = {"fn-gateway"} if routed and folder != "gateway" else set()
        expected |= {f"push-{service}"} if manifest.event else set()
        expected |= {f"cron-{service}"} if manifest.schedule else set()

        assert invokers[service] == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_binding_is_for_everyone_and_only_the_gateway_asks_no_name(
    plan: Plans, environment: str
) -> None:
    made = plan(environment)
    members = [one["member"] for one in made.resources_with("member")]
    open_services = [one for one in made.values(SERVICE) if one["invoker_iam_disabled"]]

    assert len(members) > 50
    assert not {"allUsers", "allAuthenticatedUsers"} & set(members)
    assert [one["name"] for one in open_services] == ["gateway"]
    assert open_services[0]["ingress"] == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    closed = {one["ingress"] for one in made.values(SERVICE) if one["name"] != "gateway"}
    assert closed == {"INGRESS_TRAFFIC_INTERNAL_ONLY"}


def test_a_secret_is_read_by_the_folders_that_list_it_alone(plan: Plans) -> None:
    found = plan("dev").values("google_secret_manager_secret_iam_member")
    readers = {(one["secret_id"], one["member"]) for one in found}

    listed = {(name, member(f)) for f, one in MANIFESTS.items() for name in one.secrets}
    assert readers == listed
    assert listed


def test_no_secret_has_its_value_in_the_state(plan: Plans) -> None:
    made = plan("prod")
    ours = {name for one in MANIFESTS.values() for name in one.secrets}

    assert ours <= {one["secret_id"] for one in made.values("google_secret_manager_secret")}
    for one in made.of("google_secret_manager_secret_version"):
        assert not one["values"].get("secret_data")


def test_a_topic_is_published_to_by_the_folders_that_say_so_alone(plan: Plans) -> None:
    found = plan("dev").of("google_pubsub_topic_iam_member")
    publishers = {
        (one["address"].split('"')[1], one["values"]["member"])
        for one in found
        if one["name"] == "publisher"
    }

    assert publishers == {(t, member(f)) for f, one in MANIFESTS.items() for t in one.publishes}
    assert all(one["values"]["role"] == "roles/pubsub.publisher" for one in found)


def test_a_role_stands_on_the_project_only_where_no_resource_takes_it(plan: Plans) -> None:
    for one in plan("dev").of("google_project_iam_member"):
        role, whose = one["values"].get("role"), one["values"].get("member", "")
        name = whose.partition(":")[2]
        if one["name"].startswith(("deployer", "builder", "planner")) or role is None:
            continue  # the pipeline's own accounts; a role of our own, tested below

        assert role in WITHOUT_RESOURCE
        assert name.startswith(WITHOUT_RESOURCE[role])
        assert ("cloudsql" in role) == bool(one["values"]["condition"])


def test_no_account_owns_or_edits_the_project(plan: Plans) -> None:
    roles = {one["role"] for one in plan("prod").resources_with("role")}

    assert not roles & {"roles/owner", "roles/editor", "roles/viewer"}


def test_the_role_of_our_own_reads_operations_and_nothing_else(plan: Plans) -> None:
    roles = plan("dev").values("google_project_iam_custom_role")

    assert [one["permissions"] for one in roles] == [["run.operations.get"]]


@pytest.mark.parametrize(("environment", "protected"), [("dev", False), ("prod", True)])
def test_what_serves_is_protected_where_viewers_are(
    plan: Plans, environment: str, protected: bool
) -> None:
    kinds = (SERVICE, JOB, "google_workflows_workflow", "google_secret_manager_secret")
    made = plan(environment)

    for kind in kinds:
        assert {one["deletion_protection"] for one in made.values(kind)} == {protected}


def test_no_bucket_can_be_opened_to_the_public(plan: Plans) -> None:
    buckets = {one["name"]: one for one in plan("prod").values("google_storage_bucket")}

    assert {f"media-gateway-prod-{n}" for n in ("raw", "artifacts", "sources", "audit")} <= set(
        buckets
    )
    for one in buckets.values():
        assert one["uniform_bucket_level_access"]
        assert one["public_access_prevention"] == "enforced"
        assert one["versioning"] == [{"enabled": True}] or one["retention_policy"]
        assert not one["force_destroy"]


@pytest.mark.parametrize(("environment", "locked"), [("dev", False), ("prod", True)])
@pytest.mark.parametrize("bucket", ["audit", "audit_archive"])
def test_the_audit_log_cannot_be_changed_for_400_days_nor_the_rule_in_production(
    plan: Plans, bucket: str, environment: str, locked: bool
) -> None:
    (policy,) = plan(environment).at(f"google_storage_bucket.{bucket}")["retention_policy"]

    assert int(policy["retention_period"]) == 400 * 86_400
    assert policy["is_locked"] is locked


def test_the_archive_of_the_audit_log_is_written_by_one_and_read_by_two(plan: Plans) -> None:
    bucket = "media-gateway-prod-audit-archive"
    accounts = "media-gateway-prod.iam.gserviceaccount.com"
    found = {
        (one["role"], one["member"])
        for one in plan("prod").values("google_storage_bucket_iam_member")
        if one["bucket"] == bucket
    }

    assert found == {
        ("roles/storage.objectCreator", f"serviceAccount:job-audit-export@{accounts}"),
        ("roles/storage.objectViewer", f"serviceAccount:job-audit-export@{accounts}"),
        ("roles/storage.objectViewer", f"serviceAccount:fn-audit-retain@{accounts}"),
    }


def test_images_of_functions_are_scanned_and_their_tags_stand(plan: Plans) -> None:
    for one in plan("prod").values("google_artifact_registry_repository"):
        assert one["docker_config"] == [{"immutable_tags": True}]
        assert one["vulnerability_scanning_config"][0]["enablement_config"] == "INHERITED"
        assert {policy["action"] for policy in one["cleanup_policies"]} == {"KEEP", "DELETE"}


def test_what_is_read_from_the_network_goes_through_it(plan: Plans) -> None:
    for name, one in deployables(plan("dev")).items():
        egress = template_of(one)["vpc_access"][0]["egress"]

        assert egress == ("ALL_TRAFFIC" if name == "gateway" else "PRIVATE_RANGES_ONLY")


def test_the_pool_that_is_counted_with_is_that_of_the_code(plan: Plans) -> None:
    for environment in ENVIRONMENTS:
        made = plan(environment)
        most = made.document["variables"]["database_max_connections"]["value"]

        assert made.document["variables"]["connection_pool"]["value"] == connect.POOL_SIZE
        assert 0 < made.outputs["connections"] <= 0.8 * most


def _bundled(root: Path, folder: str) -> None:
    build = root.parent / "build"
    build.mkdir()
    (build / "manifest.json").write_text(json.dumps({folder: {"sha256": "0a1b2c"}}))


def _write(root: Path, folder: str, **fields: object) -> None:
    manifest = {"summary": "Trailers of a title", "area": "catalog", **fields}
    target = root.parent / "functions" / folder
    target.mkdir()
    (target / "function.yaml").write_text(json.dumps(manifest))  # JSON is YAML


def test_a_new_folder_is_all_it_takes_to_deploy_a_function(plan: Plans, tmp_path: Path) -> None:
    root = copied(tmp_path)
    route = {"operation": "get_trailer", "method": "GET", "path": "/api/v1/t", "auth": "public"}
    _write(root, "trailer_read", http=[route], roles=["roles/aiplatform.user"])
    _bundled(root, "trailer_read")

    made = planned(root, "dev")

    new = {one["address"] for one in made.resources} - {
        one["address"] for one in plan("dev").resources
    }
    assert all("trailer" in address for address in new)
    service = made.at('module.function["trailer_read"].google_cloud_run_v2_service.function')
    image = service["template"][0]["containers"][0]["image"]
    assert image.endswith("/functions/trailer-read:0a1b2c")
    bundle = made.at('google_storage_bucket_object.bundle["trailer_read"]')
    assert bundle["name"] == "functions/trailer_read-0a1b2c.zip"
    invoker = 'google_cloud_run_v2_service_iam_member.invoker["gateway"]'
    assert made.at(f'module.function["trailer_read"].{invoker}')["member"] == member("gateway")
    Manifest.model_validate({"summary": "Trailers of a title", "area": "catalog", "http": [route]})


def test_a_folder_that_asks_for_what_there_is_not_stops_the_plan(tmp_path: Path) -> None:
    root = copied(tmp_path)
    _write(root, "bad_role", schedule={"cron": "5 * * * *"}, roles=["roles/owner"])
    _write(root, "bad_variable", schedule={"cron": "5 * * * *"}, env=["MEDIA_GATEWAY_MOOD"])
    _write(root, "bad_topic", event={"topics": ["trailer.made"]})
    _write(root, "bad_schema", job={}, publishes=["trailer.cut"], roles=["roles/pubsub.publisher"])
    _write(root, "bad_silence", job={}, publishes=["catalog.fetched"])
    _write(root, "bad_name_that_is_far_too_long", job={})
    workflow = root.parent / "workflows" / "bad_job.yaml"
    workflow.write_text('main: {steps: [{a: {assign: [{job: "/jobs/trailer-cut"}]}}]}')

    variables = ("-var-file=environments/dev.tfvars", "-var=database_max_connections=30")
    ran = run_stub(root, "plan", "--", *variables)

    said = " ".join(ran.said.split())
    assert ran.status == 1
    for expected in (
        "functions/bad_role/function.yaml: roles: roles/owner",
        "functions/bad_variable/function.yaml: env: MEDIA_GATEWAY_MOOD",
        "functions/bad_topic/function.yaml: event.topics: nobody publishes trailer.made",
        "functions/bad_schema/function.yaml: publishes: trailer.cut has no schema",
        "functions/bad_silence/function.yaml: publishes: nothing can be published without",
        "functions/bad_name_that_is_far_too_long/function.yaml: the folder's name is longer",
        "workflows/bad_job.yaml: no folder of functions/ is the job trailer-cut",
        "more than four fifths of database_max_connections = 30",
    ):
        assert expected in said


def test_a_checkout_without_functions_is_not_planned_away(tmp_path: Path) -> None:
    root = copied(tmp_path)
    for manifest in (root.parent / "functions").glob("*/function.yaml"):
        manifest.unlink()

    ran = run_stub(root, "plan", "--", "-var-file=environments/dev.tfvars")

    assert ran.status == 1
    assert "There is no function folder" in ran.said


@pytest.mark.soak
def test_what_modules_promise_holds(tmp_path: Path) -> None:
    root = copied(tmp_path)
    files = [f"-filter=tests/{file.name}" for file in sorted(root.glob("tests/run_*.tftest.hcl"))]

    ran = run_stub(root, "test", "--", *files)

    assert ran.status == 0, ran.said
    assert len(files) == len(list((root / "modules").iterdir()))
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", ran.said)
