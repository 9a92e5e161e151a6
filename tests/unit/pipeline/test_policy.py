"""A plan that breaks one rule is refused, with the name of the resource and what to do."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from terraform.pipeline.plan import Plan
from terraform.pipeline.policy import RULES, NothingToCheckError, main, violations
from terraform.pipeline.rules import Checkout, checkout
from tests.unit.pipeline.plans import DIGEST, compared, first, forget_unknown, good
from tests.unit.terraform.plans import ENVIRONMENTS, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.terraform.plans import Plan as Planned

Json = dict[str, Any]
SERVICE = "google_cloud_run_v2_service"
JOB = "google_cloud_run_v2_job"
SQL = "google_sql_database_instance"
ALERT = "google_monitoring_alert_policy"
PROJECT_ROLE = "google_project_iam_member"


def is_consumer(values: Json) -> bool:
    """Tell whether a subscription is not one of dead letters."""
    return not values["name"].endswith("--dead-letter")


def is_primary(values: Json) -> bool:
    """Tell whether a database is not a replica, which is not backed up."""
    return bool(values["settings"][0]["backup_configuration"])


def settings_of(document: Json) -> Json:
    """Return the settings of the primary database."""
    settings: Json = first(document, SQL, is_primary)[1]["values"]["settings"][0]
    return settings


def drop_dead_letter(document: Json) -> str:
    one = first(document, "google_pubsub_subscription", is_consumer)[1]
    one["values"]["dead_letter_policy"] = []
    forget_unknown(document, one["address"])
    return str(one["address"])


def try_for_ever(document: Json) -> str:
    one = first(document, "google_pubsub_subscription", is_consumer)[1]
    one["values"]["dead_letter_policy"][0]["max_delivery_attempts"] = 100
    return str(one["address"])


def give_the_database_an_address(document: Json) -> str:
    settings_of(document)["ip_configuration"][0]["ipv4_enabled"] = True
    return SQL


def let_a_network_into_the_database(document: Json) -> str:
    anywhere = {"name": "anywhere", "value": "0.0.0.0/0"}
    settings_of(document)["ip_configuration"][0]["authorized_networks"] = [anywhere]
    return SQL


def open_a_bucket(document: Json) -> str:
    one = first(document, "google_storage_bucket")[1]
    one["values"]["public_access_prevention"] = "inherited"
    return str(one["address"])


def put_redis_outside(document: Json) -> str:
    first(document, "google_redis_instance")[1]["values"]["connect_mode"] = "DIRECT_PEERING"
    return "google_redis_instance"


def drop_recovery(document: Json) -> str:
    backup = settings_of(document)["backup_configuration"][0]
    backup["point_in_time_recovery_enabled"] = False
    return SQL


def drop_recovery_of_documents(document: Json) -> str:
    values = first(document, "google_firestore_database")[1]["values"]
    values["point_in_time_recovery_enablement"] = "POINT_IN_TIME_RECOVERY_DISABLED"
    return "google_firestore_database"


def share_an_account(document: Json) -> str:
    gateway = first(document, SERVICE, lambda values: values["name"] == "gateway")[1]
    other = first(document, SERVICE, lambda values: values["name"] == "search-query")[1]
    template = other["values"]["template"][0]
    template["service_account"] = gateway["values"]["template"][0]["service_account"]
    return SERVICE


def share_a_jobs_account(document: Json) -> str:
    service = first(document, SERVICE)[1]["values"]["template"][0]
    job = first(document, JOB)[1]
    service["service_account"] = job["values"]["template"][0]["template"][0]["service_account"]
    return str(job["address"])


def let_everyone_in(document: Json) -> str:
    home, one = first(document, PROJECT_ROLE)
    address = f"{SERVICE}_iam_member.everyone"
    values = {"role": "roles/run.invoker", "member": "allUsers"}
    home.append({**one, "type": f"{SERVICE}_iam_member", "address": address, "values": values})
    return address


def let_everyone_call(document: Json) -> str:
    one = first(document, SERVICE, lambda values: values["name"] != "gateway")[1]
    one["values"]["invoker_iam_disabled"] = True
    return str(one["address"])


def open_the_gateways_own_address(document: Json) -> str:
    one = first(document, SERVICE, lambda values: values["name"] == "gateway")[1]
    one["values"]["ingress"] = "INGRESS_TRAFFIC_ALL"
    return str(one["address"])


def drop_the_channel(document: Json) -> str:
    one = first(document, ALERT)[1]
    one["values"]["notification_channels"] = []
    return str(one["address"])


def drop_the_runbook(document: Json) -> str:
    one = first(document, ALERT)[1]
    one["values"]["documentation"] = [{"content": "It is down."}]
    return str(one["address"])


def lead_to_no_section(document: Json) -> str:
    one = first(document, ALERT)[1]
    one["values"]["documentation"] = [{"content": "Runbook: docs/runbooks/alerts.md#nowhere"}]
    return str(one["address"])


def make_an_editor(document: Json) -> str:
    one = first(document, PROJECT_ROLE)[1]
    one["values"]["role"] = "roles/editor"
    return str(one["address"])


def make_a_function_an_administrator(document: Json) -> str:
    running = first(document, SERVICE)[1]["values"]["template"][0]["service_account"]
    one = first(document, PROJECT_ROLE)[1]
    one["values"] |= {"role": "roles/storage.admin", "member": f"serviceAccount:{running}"}
    return str(one["address"])


def make_a_key(document: Json) -> str:
    home, one = first(document, PROJECT_ROLE)
    address = "google_service_account_key.key"
    home.append({**one, "type": "google_service_account_key", "address": address, "values": {}})
    return address


def leave_a_bundle_unbuilt(document: Json) -> str:
    one = first(document, SERVICE)[1]
    one["values"]["template"][0]["containers"][0]["image"] = "us/p/functions/gateway:unbuilt"
    return str(one["address"])


def name_the_jobs_image_by_tag(document: Json) -> str:
    one = first(document, JOB)[1]
    one["values"]["template"][0]["template"][0]["containers"][0]["image"] = "us/p/jobs/jobs:new"
    return str(one["address"])


def let_a_stranger_read_a_secret(document: Json) -> str:
    one = first(document, "google_secret_manager_secret_iam_member")[1]
    one["values"]["member"] = f"serviceAccount:fn-stranger@{one['values']['member'].split('@')[1]}"
    return str(one["address"])


def take_a_secret_from_its_reader(document: Json) -> str:
    home, one = first(document, "google_secret_manager_secret_iam_member")
    home.remove(one)
    return f"secret {one['values']['secret_id']}"


def drop_the_budget(document: Json) -> str:
    home, one = first(document, "google_billing_budget")
    home.remove(one)
    return "google_billing_budget"


def deploy_a_folder_twice(document: Json) -> str:
    home, one = first(document, JOB)
    twin = copy.deepcopy(one) | {"address": "google_cloud_run_v2_job.twin"}
    inner = twin["values"]["template"][0]["template"][0]
    inner["service_account"] = "twin@p.iam.gserviceaccount.com"
    home.append(twin)
    return "google_cloud_run_v2_job.twin"


def forget_a_folder(document: Json) -> str:
    home, one = first(document, JOB, lambda values: values["name"] == "catalog-fetch")
    home.remove(one)
    second = copy.deepcopy(one)
    second["values"]["name"] = "something-else"
    home.append(second)
    return "functions/catalog_fetch"


def destroy_the_database(document: Json) -> str:
    change = {"actions": ["delete", "create"], "before": {}, "after_unknown": {}}
    address = f"{SQL}.former"
    document["resource_changes"].append({"address": address, "type": SQL, "change": change})
    return address


def encrypt_with_somebody_elses_key(document: Json) -> str:
    one = first(document, "google_pubsub_topic")[1]
    one["values"]["kms_key_name"] = None
    forget_unknown(document, one["address"])
    return str(one["address"])


MUTATIONS = (
    drop_dead_letter,
    try_for_ever,
    give_the_database_an_address,
    let_a_network_into_the_database,
    open_a_bucket,
    put_redis_outside,
    drop_recovery,
    drop_recovery_of_documents,
    share_an_account,
    share_a_jobs_account,
    let_everyone_in,
    let_everyone_call,
    open_the_gateways_own_address,
    drop_the_channel,
    drop_the_runbook,
    lead_to_no_section,
    make_an_editor,
    make_a_function_an_administrator,
    make_a_key,
    leave_a_bundle_unbuilt,
    name_the_jobs_image_by_tag,
    let_a_stranger_read_a_secret,
    take_a_secret_from_its_reader,
    drop_the_budget,
    deploy_a_folder_twice,
    forget_a_folder,
    destroy_the_database,
    encrypt_with_somebody_elses_key,
)


def unprotect(argument: str, value: object) -> Callable[[Json], str]:
    """Return a mutation of the primary database."""

    def change(document: Json) -> str:
        target = first(document, SQL, is_primary)[1]["values"]
        (target if argument in target else target["settings"][0])[argument] = value
        return SQL

    return change


@pytest.fixture(scope="session")
def real(plan: Callable[[str], Planned]) -> dict[str, Json]:
    """Return the plans of this checkout by environment, as if everything had been built."""
    return {environment: built(plan(environment).document) for environment in ENVIRONMENTS}


def built(document: Json) -> Json:
    """Return a plan with the names that bundles and image have once they are built."""
    written = json.dumps(document).replace("jobs:unbuilt", f"jobs@sha256:{DIGEST}")
    found: Json = json.loads(written.replace("unbuilt", DIGEST))
    return found


def addresses(document: Json, checked: Checkout) -> list[str]:
    """Return where a plan is refused."""
    return [found.address for found in violations(Plan(document), checked)]


def test_good_plan_is_accepted() -> None:
    assert violations(Plan(good()), compared()) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_plan_of_every_environment_is_accepted(real: dict[str, Json], environment: str) -> None:
    assert violations(Plan(real[environment]), checkout(ROOT)) == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_plan_with_one_thing_broken_is_refused_by_the_name_of_the_resource(
    mutation: Callable[[Json], str],
) -> None:
    document = good()

    name = mutation(document)

    assert any(name in address for address in addresses(document, compared()))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_real_plan_with_one_thing_broken_is_refused_likewise(
    real: dict[str, Json], mutation: Callable[[Json], str]
) -> None:
    document = copy.deepcopy(real["prod"])

    name = mutation(document)

    assert any(name in address for address in addresses(document, checkout(ROOT)))


@pytest.mark.parametrize(
    ("argument", "value"),
    [("deletion_protection", False), ("deletion_protection_enabled", False)],
)
def test_what_holds_data_may_be_unprotected_everywhere_but_in_prod(
    argument: str, value: object
) -> None:
    document = good()
    unprotect(argument, value)(document)

    assert addresses(document, compared()) == ["google_sql_database_instance.main"]
    document["variables"]["environment"]["value"] = "dev"
    assert addresses(document, compared()) == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("google_firestore_database", {"delete_protection_state": "DELETE_PROTECTION_DISABLED"}),
        ("google_storage_bucket", {"force_destroy": True}),
        ("google_secret_manager_secret", {"deletion_protection": False}),
        (SERVICE, {"deletion_protection": False}),
        (JOB, {"deletion_protection": False}),
    ],
)
def test_in_prod_everything_that_counts_is_protected(kind: str, values: Json) -> None:
    document = good()
    one = first(document, kind)[1]
    one["values"] |= values

    assert addresses(document, compared()) == [one["address"]]


def test_rule_without_anything_to_look_at_is_an_error_and_not_a_success() -> None:
    document = good()
    home, _ = first(document, "google_pubsub_subscription")
    home[:] = [one for one in home if one["type"] != "google_pubsub_subscription"]

    with pytest.raises(NothingToCheckError, match="what_cannot_be_delivered_is_kept"):
        violations(Plan(document), compared())


def test_rule_left_out_says_so_and_the_others_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], real: dict[str, Json]
) -> None:
    document = copy.deepcopy(real["dev"])
    name_the_jobs_image_by_tag(document)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document))

    assert main([str(file)]) == 1
    assert "jobs_image" in capsys.readouterr().err
    assert main([str(file), "--without", "jobs_are_built"]) == 0
    assert "left out: Every job runs" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"errored": true}', json.dumps({"a": 1})])
def test_what_is_no_plan_is_nothing_to_check(tmp_path: Path, content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)

    assert main([str(file)]) == 2
    assert main([str(tmp_path / "absent.json")]) == 2


def test_every_rule_is_a_sentence() -> None:
    assert len(RULES) >= 15
    assert all(rule.sentence.endswith(".") for rule in RULES)
