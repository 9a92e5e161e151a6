"""The connectors: which REST call a ``googleapis.…`` name stands for."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One REST call.

    Attributes:
        service: Name of the emulator that answers it, as in `Context.addresses`.
        verb: HTTP method.
        path: With ``{argument}`` where an argument stands; other arguments are query parameters.
        operation: Where to ask for the operation it starts; None when it answers at once.
    """

    service: str
    verb: str
    path: str
    operation: str | None = None


PUBSUB = "googleapis.pubsub.v1.projects"
SECRETS = "googleapis.secretmanager.v1.projects.secrets"
SCHEDULER = "googleapis.cloudscheduler.v1.projects.locations.jobs"
EXECUTIONS = "googleapis.workflowexecutions.v1.projects.locations.workflows.executions"
RUN_OPERATION = "/apis/run.googleapis.com/v2/{operation}"

METHODS: Mapping[str, Method] = {
    f"{PUBSUB}.topics.publish": Method("pubsub", "POST", "/v1/{topic}:publish"),
    f"{PUBSUB}.topics.create": Method("pubsub", "PUT", "/v1/{name}"),
    f"{PUBSUB}.topics.get": Method("pubsub", "GET", "/v1/{topic}"),
    f"{PUBSUB}.topics.list": Method("pubsub", "GET", "/v1/{project}/topics"),
    f"{PUBSUB}.topics.delete": Method("pubsub", "DELETE", "/v1/{topic}"),
    f"{PUBSUB}.subscriptions.create": Method("pubsub", "PUT", "/v1/{name}"),
    f"{PUBSUB}.subscriptions.get": Method("pubsub", "GET", "/v1/{subscription}"),
    f"{PUBSUB}.subscriptions.pull": Method("pubsub", "POST", "/v1/{subscription}:pull"),
    f"{PUBSUB}.subscriptions.acknowledge": Method(
        "pubsub", "POST", "/v1/{subscription}:acknowledge"
    ),
    f"{PUBSUB}.subscriptions.delete": Method("pubsub", "DELETE", "/v1/{subscription}"),
    f"{SECRETS}.get": Method("secret_manager", "GET", "/v1/{name}"),
    f"{SECRETS}.addVersion": Method("secret_manager", "POST", "/v1/{parent}:addVersion"),
    f"{SECRETS}.versions.access": Method("secret_manager", "GET", "/v1/{name}:access"),
    f"{SCHEDULER}.get": Method("scheduler", "GET", "/v1/{name}"),
    f"{SCHEDULER}.list": Method("scheduler", "GET", "/v1/{parent}/jobs"),
    f"{SCHEDULER}.create": Method("scheduler", "POST", "/v1/{parent}/jobs"),
    f"{SCHEDULER}.delete": Method("scheduler", "DELETE", "/v1/{name}"),
    f"{SCHEDULER}.pause": Method("scheduler", "POST", "/v1/{name}:pause"),
    f"{SCHEDULER}.resume": Method("scheduler", "POST", "/v1/{name}:resume"),
    f"{SCHEDULER}.run": Method("scheduler", "POST", "/v1/{name}:run"),
    f"{EXECUTIONS}.create": Method("workflows", "POST", "/v1/{parent}/executions"),
    f"{EXECUTIONS}.get": Method("workflows", "GET", "/v1/{name}"),
    f"{EXECUTIONS}.list": Method("workflows", "GET", "/v1/{parent}/executions"),
    f"{EXECUTIONS}.cancel": Method("workflows", "POST", "/v1/{name}:cancel"),
    "googleapis.run.v2.projects.locations.jobs.run": Method(
        "cloud_run", "POST", "/apis/run.googleapis.com/v2/{name}:run", RUN_OPERATION
    ),
}
# These do more than one call, or change names: see `emulators.workflows.connectors`.
RUN_V1 = "googleapis.run.v1.namespaces.jobs.run"
ACCESS_STRING = f"{SECRETS}.versions.accessString"
RUN_EXECUTION = f"{EXECUTIONS}.run"
HELPERS = frozenset({RUN_V1, ACCESS_STRING, RUN_EXECUTION})


def knows_service(name: str) -> bool:
    """Tell whether a connector is supported here."""
    return name in METHODS or name in HELPERS
