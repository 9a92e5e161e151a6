"""What holds data: where it can be reached, how it comes back, and that it does not go away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform.pipeline.rules import JOB, SERVICE, Checkout, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from terraform.pipeline.plan import Plan, Resource

SQL = "google_sql_database_instance"
FIRESTORE = "google_firestore_database"
BUCKET = "google_storage_bucket"
CACHE = "google_redis_instance"
SECRET = "google_secret_manager_secret"  # noqa: S105 - a type of resource
SUBSCRIPTION = "google_pubsub_subscription"
TOPIC = "google_pubsub_topic"
REPOSITORY = "google_artifact_registry_repository"
DEAD_LETTER = "--dead-letter"
MOST_DELIVERIES = 5
HOLDS_DATA = (SQL, FIRESTORE, BUCKET, SECRET, "google_kms_crypto_key", "google_sql_database")


def data_has_no_public_address(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Databases, Redis, buckets and machines have no address on the internet.

    The index endpoint's name is an API of Google behind IAM, like that of Firestore.
    """
    for kind, (is_private, wrong, remedy) in PRIVACY.items():
        for one in plan.of(kind):
            if not is_private(one):
                yield Violation(one.address, wrong, remedy)


def _database_is_private(one: Resource) -> bool:
    address = (one.block("settings").get("ip_configuration") or [{}])[0]
    return address.get("ipv4_enabled") is False and not address.get("authorized_networks")


def _machine_is_private(one: Resource) -> bool:
    return not one.block("network_interface").get("access_config")


PRIVACY: Mapping[str, tuple[Callable[[Resource], bool], str, str]] = {
    SQL: (
        _database_is_private,
        "has a public address",
        "Set ipv4_enabled = false and authorize no network: callers use the private address",
    ),
    CACHE: (
        lambda one: one.values.get("connect_mode") == "PRIVATE_SERVICE_ACCESS",
        "is not on the private network alone",
        'Set connect_mode = "PRIVATE_SERVICE_ACCESS"',
    ),
    BUCKET: (
        lambda one: one.values.get("public_access_prevention") == "enforced",
        "could be made public",
        'Set public_access_prevention = "enforced"',
    ),
    "google_compute_instance": (
        _machine_is_private,
        "has a public address",
        "Leave access_config away",
    ),
}


def data_comes_back_to_any_point_in_time(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every database is backed up and can be brought back to any point in time."""
    for one in plan.of(SQL):
        if one.values.get("master_instance_name"):
            continue  # a replica is made anew from what it copies
        backup = (one.block("settings").get("backup_configuration") or [{}])[0]
        if not (backup.get("enabled") and backup.get("point_in_time_recovery_enabled")):
            remedy = "Turn on enabled and point_in_time_recovery_enabled of backup_configuration"
            yield Violation(one.address, "cannot go back to a point in time", remedy)
    enabled = "POINT_IN_TIME_RECOVERY_ENABLED"
    for one in plan.of(FIRESTORE):
        if one.values.get("point_in_time_recovery_enablement") != enabled:
            remedy = f"Set point_in_time_recovery_enablement to {enabled}"
            yield Violation(one.address, "cannot go back to a point in time", remedy)


PROTECTION: Mapping[str, tuple[str, object]] = {
    SQL: ("deletion_protection", True),
    FIRESTORE: ("delete_protection_state", "DELETE_PROTECTION_ENABLED"),
    BUCKET: ("force_destroy", False),
    SECRET: ("deletion_protection", True),
    SERVICE: ("deletion_protection", True),
    JOB: ("deletion_protection", True),
}


def production_is_protected_from_deletion(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """In prod, what holds data or serves viewers refuses to be destroyed."""
    if plan.variable("environment") != "prod":
        return
    for kind, (argument, value) in PROTECTION.items():
        for one in plan.of(kind):
            if one.values.get(argument) != value or _switched_off(one):
                remedy = f"Set {argument} to {value!r} (deletion_protection in prod.tfvars)"
                yield Violation(one.address, "can be destroyed", remedy)


def _switched_off(one: Resource) -> bool:
    """Tell whether Cloud SQL's own protection, beside Terraform's, is off."""
    return one.kind == SQL and not one.block("settings").get("deletion_protection_enabled")


def nothing_that_holds_data_goes(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """No plan destroys what holds data, not even to make it anew."""
    for one in plan.removed:
        if one.kind in HOLDS_DATA:
            remedy = "Move it with a `moved` or `removed` block, or destroy it by hand, knowingly"
            yield Violation(one.address, "would be destroyed", remedy)


def what_cannot_be_delivered_is_kept(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every subscription has a dead letter after five tries, except those of dead letters."""
    for one in plan.of(SUBSCRIPTION):
        if str(one.values.get("name")).endswith(DEAD_LETTER):
            topic = one.values.get("topic")
            if topic is not None and not str(topic).endswith(DEAD_LETTER):
                wrong = f"is named as if it kept dead letters, but reads {topic}"
                yield Violation(one.address, wrong, "Name it after what it does")
            continue
        policy = one.block("dead_letter_policy")
        leads = (one.unknown.get("dead_letter_policy") or [{}])[0]
        if not (policy.get("dead_letter_topic") or leads.get("dead_letter_topic")):
            remedy = "Give it a dead_letter_policy with the topic's dead_letter_topic"
            yield Violation(one.address, "has no dead letter", remedy)
        elif policy.get("max_delivery_attempts") != MOST_DELIVERIES:
            remedy = f"Set max_delivery_attempts to {MOST_DELIVERIES}"
            yield Violation(one.address, "tries too often, or not often enough", remedy)


KEYS: Mapping[str, str] = {
    SQL: "encryption_key_name",
    CACHE: "customer_managed_key",
    TOPIC: "kms_key_name",
    REPOSITORY: "kms_key_name",
}


def stores_are_encrypted_with_our_keys(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Databases, Redis, topics and repositories are encrypted with keys that we can take away."""
    for kind, argument in KEYS.items():
        for one in plan.of(kind):
            if not one.will_have(argument):
                remedy = f"Set {argument} to a key of terraform/keys.tf"
                yield Violation(one.address, "is not encrypted with a key of ours", remedy)


RULES = (
    Rule(data_has_no_public_address, (SQL, BUCKET, CACHE)),
    Rule(data_comes_back_to_any_point_in_time, (SQL, FIRESTORE)),
    Rule(production_is_protected_from_deletion, (SQL, SERVICE)),
    Rule(nothing_that_holds_data_goes),
    Rule(what_cannot_be_delivered_is_kept, (SUBSCRIPTION,)),
    Rule(stores_are_encrypted_with_our_keys, (SQL, TOPIC, REPOSITORY)),
)
