"""A small plan that every rule accepts, and ways of changing one thing in any plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.manifest import Manifest, service_name
from terraform.pipeline.rules import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]
DIGEST = "ab" * 32
PROJECT = "media-gateway-prod"
ACCESSOR = "roles/secretmanager.secretAccessor"


def compared() -> Checkout:
    """Return a checkout of two functions and a job that reads a secret."""
    route = {"operation": "live", "method": "GET", "path": "/health/live", "auth": "public"}
    summary = "A deployable of a test"
    secret = {"roles": [ACCESSOR], "secrets": ["feed-key"]}
    manifests: dict[str, Json] = {
        "gateway": {"summary": summary, "area": "gateway", "http": [route]},
        "search_query": {"summary": summary, "area": "search", "schedule": {"cron": "* * * * *"}},
        "catalog_fetch": {"summary": summary, "area": "catalog", "job": {}, **secret},
    }
    found = {folder: Manifest.model_validate(one) for folder, one in manifests.items()}
    return Checkout(found, frozenset({"alerts.md#unreachable"}))


def account(name: str) -> str:
    """Return an account of the project."""
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


def good() -> Json:
    """Return a plan that every rule accepts."""
    resources = [*_running(), *_stores(), *_around()]
    return {
        "variables": {"environment": {"value": "prod"}},
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [
            {
                "address": "google_pubsub_subscription.push",
                "type": "google_pubsub_subscription",
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after_unknown": {"dead_letter_policy": [{"dead_letter_topic": True}]},
                },
            },
            {
                "address": "google_sql_database_instance.main",
                "type": "google_sql_database_instance",
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after_unknown": {"master_instance_name": True},  # computed, on every primary
                },
            },
        ],
    }


def _resource(address: str, **values: object) -> Json:
    kind, name = address.split(".")
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}


def _running() -> Iterator[Json]:
    ingress = {"gateway": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"}
    for folder in ("gateway", "search_query"):
        name = service_name(folder)
        image = f"us-docker.pkg.dev/p/functions/{name}:{DIGEST}"
        yield _resource(
            f"google_cloud_run_v2_service.{folder}",
            name=name,
            ingress=ingress.get(folder, "INGRESS_TRAFFIC_INTERNAL_ONLY"),
            invoker_iam_disabled=folder == "gateway",
            deletion_protection=True,
            template=[{"service_account": account(f"fn-{name}"), "containers": [{"image": image}]}],
        )
    image = f"us-docker.pkg.dev/p/jobs/jobs@sha256:{DIGEST}"
    inner = {
        "service_account": account("job-catalog-fetch"),
        "containers": [{"image": image}],
    }
    yield _resource(
        "google_cloud_run_v2_job.catalog_fetch",
        name="catalog-fetch",
        deletion_protection=True,
        template=[{"template": [inner]}],
    )


def _stores() -> Iterator[Json]:
    backup = {"enabled": True, "point_in_time_recovery_enabled": True}
    settings = {
        "backup_configuration": [backup],
        "deletion_protection_enabled": True,
        "ip_configuration": [{"ipv4_enabled": False, "authorized_networks": []}],
    }
    key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    yield _resource(
        "google_sql_database_instance.main",
        settings=[settings],
        deletion_protection=True,
        encryption_key_name=key,
    )
    yield _resource(
        "google_firestore_database.main",
        point_in_time_recovery_enablement="POINT_IN_TIME_RECOVERY_ENABLED",
        delete_protection_state="DELETE_PROTECTION_ENABLED",
    )
    yield _resource(
        "google_redis_instance.cache",
        connect_mode="PRIVATE_SERVICE_ACCESS",
        customer_managed_key=key,
    )
    yield _resource(
        "google_storage_bucket.raw", public_access_prevention="enforced", force_destroy=False
    )
    yield _resource("google_pubsub_topic.topic", name="content.updated", kms_key_name=key)
    yield _resource(
        "google_pubsub_subscription.push",
        name="search-index--content.updated",
        dead_letter_policy=[{"max_delivery_attempts": 5}],
    )
    yield _resource("google_pubsub_subscription.dead", name="content.updated--dead-letter")
    yield _resource("google_artifact_registry_repository.images", kms_key_name=key)


def _around() -> Iterator[Json]:
    yield _resource("google_secret_manager_secret.feed_key", deletion_protection=True)
    yield _resource(
        "google_secret_manager_secret_iam_member.reader",
        secret_id="feed-key",  # noqa: S106 - a name
        role=ACCESSOR,
        member=f"serviceAccount:{account('job-catalog-fetch')}",
    )
    yield _resource("google_service_account.planner", account_id="planner")
    yield _resource(
        "google_project_iam_member.database",
        role="roles/cloudsql.client",
        member=f"serviceAccount:{account('fn-search-query')}",
    )
    yield _resource(
        "google_monitoring_alert_policy.alert",
        notification_channels=[None],
        documentation=[{"content": "Down.\n\nRunbook: docs/runbooks/alerts.md#unreachable"}],
    )
    yield _resource(
        "google_billing_budget.month",
        threshold_rules=[{"threshold_percent": 0.5}],
        amount=[{"specified_amount": [{"units": "300"}]}],
    )


def resources_of(module: Json) -> Iterator[tuple[list[Json], Json]]:
    """Yield every resource below a module, with the list that holds it."""
    for one in module.get("resources", []):
        yield module["resources"], one
    for child in module.get("child_modules", []):
        yield from resources_of(child)


def first(
    document: Json, kind: str, fits: Callable[[Json], bool] = lambda _: True
) -> tuple[list[Json], Json]:
    """Return the first resource of a type whose values fit, with the list that holds it."""
    every = resources_of(document["planned_values"]["root_module"])
    return next((home, one) for home, one in every if one["type"] == kind and fits(one["values"]))


def forget_unknown(document: Json, address: str) -> None:
    """Make nothing unknown at an address."""
    for change in document["resource_changes"]:
        if change["address"] == address:
            change["change"]["after_unknown"] = {}
