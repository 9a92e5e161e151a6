"""Every client as production makes it: no address, no credentials, no transport. Prints JSON."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import google.auth
import google.auth.transport.requests
import requests
from google.auth import impersonated_credentials
from google.cloud import firestore, pubsub_v1, secretmanager
from google.cloud.scheduler_v1 import CloudSchedulerClient
from google.cloud.workflows.executions_v1 import ExecutionsClient
from google.cloud.workflows_v1 import WorkflowsClient
from google.oauth2 import id_token

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-central1"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
AUDIENCE = "https://search-query.example.com"
VERTEX = f"https://{REGION}-aiplatform.googleapis.com/v1"
AUTOMATIC = {"replication": {"automatic": dict[str, str]()}}
WORKFLOW = "main:\n  steps:\n    - done:\n        return: 42\n"


def messages(project: str) -> str:
    """Publish, and take delivery on a stream."""
    publisher: Any = pubsub_v1.PublisherClient()
    subscriber: Any = pubsub_v1.SubscriberClient()
    topic = publisher.topic_path(project, "letters")
    subscription = subscriber.subscription_path(project, "reader")
    publisher.create_topic(name=topic)
    subscriber.create_subscription(name=subscription, topic=topic)
    publisher.publish(topic, b"by stream").result(30)
    read, arrived = list[str](), threading.Event()

    def take(message: Any) -> None:  # noqa: ANN401 - the client's own
        read.append(message.data.decode())
        message.ack()
        arrived.set()

    with subscriber:
        pulling = subscriber.subscribe(subscription, take)
        arrived.wait(30)
        pulling.cancel()
        pulling.result(30)
    return read[0]


def messages_by_rest(project: str) -> list[str]:
    """The same service over HTTP/1.1."""
    publisher = pubsub_v1.PublisherClient(transport="rest")
    return sorted(topic.name for topic in publisher.list_topics(project=f"projects/{project}"))


def documents(_project: str) -> list[Any]:
    """A transaction, a query and a listener."""
    db = firestore.Client()
    heat: Any = db.collection("films").document("heat")

    @firestore.transactional
    def rename(transaction: Any) -> None:  # noqa: ANN401 - the client's own
        heat.get(transaction=transaction)
        transaction.set(heat, {"title": "Heat"})

    rename(db.transaction())
    seen, changed = list[str](), threading.Event()

    def note(documents: Any, _changes: Any, _time: Any) -> None:  # noqa: ANN401 - likewise
        seen.extend(document.id for document in documents)
        changed.set()

    watch = heat.on_snapshot(note)
    changed.wait(30)
    watch.unsubscribe()
    found = db.collection("films").where(filter=firestore.FieldFilter("title", "==", "Heat"))
    return [*seen, *(document.id for document in found.stream())]


def secrets(project: str) -> str:
    """A secret's version."""
    client: Any = secretmanager.SecretManagerServiceClient()
    parent = f"projects/{project}"
    made = client.create_secret(parent=parent, secret_id="key", secret=AUTOMATIC)  # noqa: S106 - its name
    version = client.add_secret_version(parent=made.name, payload={"data": b"open sesame"})
    return str(client.access_secret_version(name=version.name).payload.data.decode())


def workflow(project: str) -> str:
    """A workflow is deployed by an operation, and runs."""
    place = f"projects/{project}/locations/{REGION}"
    workflows: Any = WorkflowsClient()
    operation = workflows.create_workflow(
        parent=place, workflow={"source_contents": WORKFLOW}, workflow_id="answer"
    )
    client: Any = ExecutionsClient()
    run = client.create_execution(parent=operation.result(30).name, execution={})
    while (state := client.get_execution(name=run.name)).state.name == "ACTIVE":
        pass
    return str(state.result)


def schedule(project: str) -> str:
    """A job."""
    place = f"projects/{project}/locations/{REGION}"
    job = {
        "name": f"{place}/jobs/daily",
        "schedule": "0 4 * * *",
        "http_target": {"uri": "https://example.com/"},
    }
    client: Any = CloudSchedulerClient()
    return str(client.create_job(parent=place, job=job).name)


def session() -> Any:  # noqa: ANN401 - google-auth is untyped
    """A session that authorizes itself, as adapters without a client use it."""
    credentials, _ = google.auth.default(scopes=SCOPES)
    return google.auth.transport.requests.AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


def vertex(project: str) -> int:
    """An embedding by REST, of a regional host."""
    model = f"{VERTEX}/projects/{project}/locations/{REGION}/publishers/google/models"
    url = f"{model}/text-embedding-005:predict"
    answer = session().post(url, json={"instances": [{"content": "heist"}]}, timeout=30)
    return len(answer.json()["predictions"][0]["embeddings"]["values"])


def token_of_ours(_project: str) -> str:
    """An identity token for a service, checked with the keys that Google's library fetches."""
    request, tokens = google.auth.transport.requests.Request(), cast("Any", id_token)
    token = tokens.fetch_id_token(request, AUDIENCE)
    return str(tokens.verify_oauth2_token(token, request, AUDIENCE)["email"])


def acting_for(project: str) -> list[str]:
    """A token and a signature of an account that is acted for."""
    source, _ = google.auth.default(scopes=SCOPES)
    account = f"local@{project}.iam.gserviceaccount.com"
    acting = cast("Any", impersonated_credentials)
    target = acting.Credentials(source, account, SCOPES)
    request = google.auth.transport.requests.Request()
    target.refresh(request)
    named = acting.IDTokenCredentials(target, AUDIENCE, include_email=True)
    named.refresh(request)
    signed = target.sign_bytes(b"to be signed")
    return [str(bool(target.token)), str(bool(named.token)), str(len(signed))]


def not_emulated(_project: str) -> list[Any]:
    """What nobody stands for says so by name; what is not Google's is not reached at all."""
    answer = session().get("https://storage.googleapis.com/storage/v1/b", timeout=30)
    error = answer.json()["error"]
    try:
        requests.get("https://api.example.com/", timeout=30)
    except requests.exceptions.ProxyError as refused:
        return [error["status"], error["message"], str(refused)]
    return [error]


STEPS: dict[str, Callable[[str], Any]] = {
    step.__name__: step
    for step in (
        messages,
        messages_by_rest,
        documents,
        secrets,
        workflow,
        schedule,
        vertex,
        token_of_ours,
        acting_for,
        not_emulated,
    )
}


def main(names: list[str]) -> None:
    """Do the named steps, or all."""
    project = str(google.auth.default()[1])
    sys.stdout.write(json.dumps({name: STEPS[name](project) for name in names or STEPS}))


if __name__ == "__main__":
    main(sys.argv[1:])
