"""What holds data, how it is reached, and the public door: what the plan says of them."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.manifest import read_all
from tests.unit.terraform.plans import ENVIRONMENTS, copied, run_stub

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.terraform.plans import Plan

    Planned = Callable[[str], Plan]

ROOT = Path(__file__).parents[3]
TERRAFORM = ROOT / "terraform"
PROTECTED = ("staging", "prod")
ADDRESSES_PER_INSTANCE = 4  # two at rest, twice that while one revision follows another
ATTACKS = ["sqli", "xss", "lfi", "rce", "protocolattack", "sessionfixation"]
ATTACKS += ["scannerdetection", "cve-canary"]
everywhere = pytest.mark.parametrize("environment", ENVIRONMENTS)


def database(plan: Plan) -> dict[str, Any]:
    """Return the settings of the primary."""
    settings: dict[str, Any] = plan.at("google_sql_database_instance.main")["settings"][0]
    return settings


def references(plan: Plan, address: str, *keys: str) -> list[str]:
    """Return what an argument of the root module refers to."""
    resources = plan.document["configuration"]["root_module"]["resources"]
    found = next(one for one in resources if one["address"] == address)["expressions"]
    for key in keys:
        found = found[key][0] if isinstance(found[key], list) else found[key]
    return list(found["references"])


@everywhere
def test_no_store_has_a_public_address(plan: Planned, environment: str) -> None:
    instances = plan(environment).values("google_sql_database_instance")
    caches = plan(environment).values("google_redis_instance")

    assert instances
    assert caches
    assert not any(one["settings"][0]["ip_configuration"][0]["ipv4_enabled"] for one in instances)
    assert not any(
        one["settings"][0]["ip_configuration"][0]["authorized_networks"] for one in instances
    )
    assert {one["connect_mode"] for one in caches} == {"PRIVATE_SERVICE_ACCESS"}


@pytest.mark.parametrize(
    ("environment", "backups", "log_days"), [("dev", 7, 1), ("staging", 7, 3), ("prod", 30, 7)]
)
def test_the_database_can_be_brought_back_to_any_moment(
    plan: Planned, environment: str, backups: int, log_days: int
) -> None:
    kept = database(plan(environment))["backup_configuration"][0]

    assert kept["enabled"]
    assert kept["point_in_time_recovery_enabled"]
    assert kept["start_time"] == "02:00"
    assert kept["backup_retention_settings"][0]["retained_backups"] == backups
    assert kept["transaction_log_retention_days"] == log_days


@everywhere
def test_what_holds_data_refuses_to_be_destroyed_outside_dev(
    plan: Planned, environment: str
) -> None:
    made = plan(environment)
    instances = made.values("google_sql_database_instance")
    firestore = made.at("google_firestore_database.main")["delete_protection_state"]
    protected = environment in PROTECTED

    assert all(one["deletion_protection"] is protected for one in instances)
    assert all(one["settings"][0]["deletion_protection_enabled"] is protected for one in instances)
    assert firestore == f"DELETE_PROTECTION_{'ENABLED' if protected else 'DISABLED'}"


@everywhere
def test_the_database_survives_a_zone_outside_dev(plan: Planned, environment: str) -> None:
    wanted = "REGIONAL" if environment in PROTECTED else "ZONAL"

    assert database(plan(environment))["availability_type"] == wanted


@everywhere
def test_the_database_is_joined_without_passwords(plan: Planned, environment: str) -> None:
    made = plan(environment)
    settings = database(made)
    flags = {flag["name"]: flag["value"] for flag in settings["database_flags"]}
    users = made.values("google_sql_user")

    assert flags["cloudsql.iam_authentication"] == "on"
    assert int(flags["max_connections"]) >= 100
    assert settings["connector_enforcement"] == "REQUIRED"
    assert settings["ip_configuration"][0]["ssl_mode"] == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    assert {one["type"] for one in users} == {"CLOUD_IAM_SERVICE_ACCOUNT"}
    assert not any(one["password"] or one["password_wo"] for one in users)


def test_every_deployable_that_asks_for_the_database_joins_it_as_itself(plan: Planned) -> None:
    users = {one["index"]: one["values"]["name"] for one in plan("dev").of("google_sql_user")}
    asking = {f for f, one in read_all().items() if "roles/cloudsql.client" in one.roles}

    assert users.keys() == asking
    assert len(set(users.values())) == len(users)
    assert all(re.fullmatch(r"[a-z0-9-]+@[a-z0-9-]+\.iam", name) for name in users.values())


def test_production_has_a_replica_to_read_from_and_one_in_another_region(plan: Planned) -> None:
    made = plan("prod")
    regions = {
        one["index"]: one["values"]["region"]
        for one in made.of("google_sql_database_instance")
        if one["name"] == "replica"
    }

    assert regions == {"read": "us-central1", "recovery": "us-east1"}
    assert "database-us-east1" in {one["index"] for one in made.of("google_kms_crypto_key")}


@everywhere
def test_redis_wants_tls_and_a_password(plan: Planned, environment: str) -> None:
    cache = plan(environment).at("google_redis_instance.cache")

    assert cache["auth_enabled"]
    assert cache["transit_encryption_mode"] == "SERVER_AUTHENTICATION"
    assert cache["tier"] == ("STANDARD_HA" if environment in PROTECTED else "BASIC")
    assert bool(cache["persistence_config"]) is (environment == "prod")


@everywhere
def test_every_key_is_changed_every_ninety_days(plan: Planned, environment: str) -> None:
    keys = plan(environment).values("google_kms_crypto_key")

    assert len(keys) >= 7
    assert {one["rotation_period"] for one in keys} == {f"{90 * 86_400}s"}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("google_sql_database_instance.main", ("encryption_key_name",)),
        ("google_sql_database_instance.replica", ("encryption_key_name",)),
        ("google_redis_instance.cache", ("customer_managed_key",)),
        ("google_firestore_database.main", ("cmek_config", "kms_key_name")),
    ],
)
def test_every_store_is_encrypted_with_a_key_of_ours(
    plan: Planned, address: str, path: tuple[str, ...]
) -> None:
    assert "local.keys" in " ".join(references(plan("prod"), address, *path))


def test_firestore_lets_owners_read_and_nobody_write(plan: Planned) -> None:
    rules = (TERRAFORM / "firestore.rules").read_text(encoding="utf-8")
    planned = plan("dev").at("google_firebaserules_ruleset.firestore")["source"][0]["files"][0]
    allowed = re.findall(r"allow ([\w, ]+): if (.+);", rules)

    assert planned["content"] == rules
    assert dict(allowed) == {
        "read": "request.auth != null && request.auth.uid == uid",
        "write": "false",
        "read, write": "false",
    }


@everywhere
def test_firestore_can_be_brought_back_to_any_moment(plan: Planned, environment: str) -> None:
    made = plan(environment)
    recovery = made.at("google_firestore_database.main")["point_in_time_recovery_enablement"]

    assert recovery == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert made.values("google_firestore_backup_schedule")


@everywhere
def test_the_vector_index_takes_single_vectors_of_the_models_size(
    plan: Planned, environment: str
) -> None:
    index = plan(environment).at("google_vertex_ai_index.titles")
    config = index["metadata"][0]["config"][0]

    assert index["index_update_method"] == "STREAM_UPDATE"
    assert config["dimensions"] == 384
    assert config["distance_measure_type"] == "DOT_PRODUCT_DISTANCE"


def test_dev_pays_for_no_deployed_index(plan: Planned) -> None:
    deployed = "google_vertex_ai_index_endpoint_deployed_index"

    assert plan("dev").values(deployed) == []
    assert [one["deployed_index_id"] for one in plan("prod").values(deployed)] == ["titles"]


@everywhere
def test_ranges_are_aligned_and_apart(plan: Planned, environment: str) -> None:
    made = plan(environment)
    subnetwork = made.at("google_compute_subnetwork.functions")
    peered = made.at("google_compute_global_address.services")
    egress = ip_network(subnetwork["ip_cidr_range"])
    services = ip_network(f"{peered['address']}/{peered['prefix_length']}")

    assert not egress.overlaps(services)
    assert subnetwork["log_config"][0]["flow_sampling"] == 0.5
    assert subnetwork["private_ip_google_access"]


@everywhere
def test_every_instance_finds_addresses_in_the_subnetwork(plan: Planned, environment: str) -> None:
    made = plan(environment)
    most = sum(
        one["template"][0]["scaling"][0]["max_instance_count"]
        for one in made.values("google_cloud_run_v2_service")
    )
    egress = ip_network(made.at("google_compute_subnetwork.functions")["ip_cidr_range"])

    assert most > 0
    assert egress.num_addresses >= ADDRESSES_PER_INSTANCE * most


@everywhere
def test_nothing_leaves_the_network_that_no_rule_names(plan: Planned, environment: str) -> None:
    rules = [
        r for r in plan(environment).values("google_compute_firewall") if r["direction"] == "EGRESS"
    ]
    last = max(rules, key=lambda rule: rule["priority"])
    open_ports = {port for rule in rules for one in rule["allow"] for port in one["ports"]}

    assert [one["protocol"] for one in last["deny"]] == ["all"]
    assert last["destination_ranges"] == ["0.0.0.0/0"]
    assert open_ports == {"443", "3307", "6378"}


@pytest.mark.parametrize(
    ("environment", "requests", "ban"),
    [("dev", 2000, 300), ("staging", 1000, 600), ("prod", 1000, 600)],
)
def test_cloud_armor_asks_who_and_what_before_how_often(
    plan: Planned, environment: str, requests: int, ban: int
) -> None:
    policy = plan(environment).at("google_compute_security_policy.edge")
    rules = {rule["priority"]: rule for rule in policy["rule"]}
    limit = rules[9000]["rate_limit_options"][0]

    assert sorted(rules)[-2:] == [9000, 2147483647]
    assert [p for p in rules if rules[p]["action"] == "rate_based_ban"] == [9000]
    assert [p for p in rules if rules[p]["action"] == "allow"] == [2147483647]
    assert rules[200]["action"] == rules[300]["action"] == "deny(403)"
    assert limit["rate_limit_threshold"][0] == {"count": requests, "interval_sec": 60}
    assert (limit["enforce_on_key"], limit["ban_duration_sec"]) == ("IP", ban)


@everywhere
def test_cloud_armor_knows_the_attacks_of_the_newest_rule_set(
    plan: Planned, environment: str
) -> None:
    policy = plan(environment).at("google_compute_security_policy.edge")
    attacks = {
        rule["priority"]: re.findall(r"Waf\('([\w-]+)'", rule["match"][0]["expr"][0]["expression"])[
            0
        ]
        for rule in policy["rule"]
        if 1000 <= rule["priority"] <= 1099
    }
    previewed = {
        attacks[r["priority"]]: r["preview"] for r in policy["rule"] if r["priority"] in attacks
    }

    assert [attacks[p].removesuffix("-v33-stable") for p in sorted(attacks)] == ATTACKS
    assert not previewed.pop("cve-canary")
    assert set(previewed.values()) == {environment == "prod"}
    assert policy["adaptive_protection_config"][0]["layer_7_ddos_defense_config"][0]["enable"]


def test_cloud_armor_stands_before_the_gateway_and_nothing_else_is_behind_the_door(
    plan: Planned,
) -> None:
    made = plan("prod")
    services = made.of("google_compute_backend_service")
    endpoints = made.of("google_compute_region_network_endpoint_group")

    assert {one["name"] for one in services} == {"gateway", "candidate"}
    for service in services:
        armor = references(made, service["address"], "security_policy")
        assert "google_compute_security_policy.edge" in armor, service["address"]
        assert service["values"]["log_config"][0]["enable"], service["address"]
    assert len(endpoints) == len(services)
    for one in endpoints:
        behind = references(made, one["address"], "cloud_run", "service")
        assert 'module.function["gateway"]' in behind, one["address"]


@pytest.mark.behavior("oauth2:transport:tls")
def test_the_door_speaks_tls_alone(plan: Planned) -> None:
    made = plan("prod")
    policy = made.at("google_compute_ssl_policy.edge")
    ports = {
        one["index"] if "index" in one else one["name"]: one["values"]["port_range"]
        for one in made.of("google_compute_global_forwarding_rule")
    }

    assert (policy["profile"], policy["min_tls_version"]) == ("RESTRICTED", "TLS_1_2")
    assert ports == {"edge": "443", "redirect": "80"}
    assert made.at("google_compute_url_map.redirect")["default_url_redirect"][0]["https_redirect"]
    assert made.at("google_compute_url_map.redirect")["default_service"] is None


@everywhere
def test_every_domain_has_a_certificate_and_a_probe(plan: Planned, environment: str) -> None:
    made = plan(environment)
    certified = {
        one["managed"][0]["domains"][0]
        for one in made.values("google_certificate_manager_certificate")
    }
    probed = {
        one["monitored_resource"][0]["labels"]["host"]
        for one in made.values("google_monitoring_uptime_check_config")
    }

    assert certified == probed != set()


@everywhere
def test_audit_logs_go_to_their_bucket_and_errors_stay_ninety_days(
    plan: Planned, environment: str
) -> None:
    made = plan(environment)
    kinds = {
        c["log_type"] for c in made.at("google_project_iam_audit_config.all")["audit_log_config"]
    }
    sink = references(made, "google_logging_project_sink.audit", "destination")
    days = {
        one["bucket_id"]: one["retention_days"]
        for one in made.values("google_logging_project_bucket_config")
    }

    assert kinds == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}
    assert "google_storage_bucket.audit" in sink
    assert days == {f"mg-{environment}-errors": 90, "_Default": 30}


@everywhere
def test_the_budget_tells_before_it_is_spent(plan: Planned, environment: str) -> None:
    budget = plan(environment).at("google_billing_budget.month")

    assert [rule["threshold_percent"] for rule in budget["threshold_rules"]] == [0.5, 0.8, 1, 1.2]
    assert int(budget["amount"][0]["specified_amount"][0]["units"]) <= 4000


def test_variables_are_in_order_and_say_what_they_are() -> None:
    text = (TERRAFORM / "variables_data.tf").read_text(encoding="utf-8")
    blocks = dict(re.findall(r'(?ms)^variable "(\w+)" \{\n(.*?)^\}', text))

    assert len(blocks) > 15
    assert list(blocks) == sorted(blocks)
    for name, block in blocks.items():
        assert all(f"  {key}" in block for key in ("description", "type", "nullable")), name


@pytest.mark.soak
def test_what_cannot_be_right_is_refused(tmp_path: Path) -> None:
    root = copied(tmp_path)
    ran = run_stub(root, "test", "--", "-filter=tests/data_refusals.tftest.hcl")

    assert ran.status == 0, ran.said
    assert re.search(r"[1-9]\d* passed, 0 failed", ran.said)
