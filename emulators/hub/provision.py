"""What Terraform makes in the cloud, made here from the same manifests; doing it again is safe."""

import asyncio
import base64
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import aiohttp
from joserfc.jwk import OKPKey

from emulators.cloud_run.functions import Function, Schedule
from emulators.core.identity import service_account
from emulators.hub import sign_in_secrets
from emulators.hub.layout import PROVIDER_KEY, Layout
from emulators.hub.workflow_files import Workflow

ACK_DEADLINE_SECONDS = 60
RETRY = {"minimumBackoff": "1s", "maximumBackoff": "60s"}
MAX_ATTEMPTS = 5
# A message with this attribute is delivered again, to the one service that it names.
REDELIVERED = "attributes.redelivered_to"
INDEX = "titles"
DEFAULT_DIMENSIONS = 384
CONFLICT = 409
# Others are made up, once.
KNOWN_SECRETS = dict.fromkeys(
    ("streaming-availability-key", "tmdb-key", "watchmode-key", "youtube-key"), PROVIDER_KEY
)
SIGNING_KEYS = "token-signing-keys"
OPERATION_SECONDS = 30.0

Json = dict[str, Any]


class ProvisionError(Exception):
    """An emulator refused what the manifests ask for."""


class Provisioner:
    """Makes resources through the emulators' REST surfaces.

    Args:
        layout: Where they are.
        http: Used for every call; the caller closes it.
    """

    def __init__(self, layout: Layout, http: aiohttp.ClientSession) -> None:
        self._layout = layout
        self._http = http
        self._project = f"projects/{layout.env.project}"
        self._place = f"{self._project}/locations/{layout.env.location}"
        self._account = service_account(layout.env.project)

    async def everything(self, functions: Sequence[Function], files: Sequence[Workflow]) -> str:
        """Make all that functions and workflows need; return what there is, for the terminal."""
        topics = sorted({t for f in functions for t in (*f.topics, *f.publishes)})
        await _together(self._topic(name) for t in topics for name in (t, _dead(t)))
        await _together(self._push(f, topic) for f in functions for topic in f.topics)
        keepers = [f for f in functions if f.keeps_dead_letters]
        await _together(self._keep(f, topic) for f in keepers for topic in topics)
        is_kept = find_spec("emulators.secret_manager.service") is not None
        names = sorted({name for f in functions for name in f.secrets}) if is_kept else []
        await _together(self._secret(name) for name in names)
        if sign_in_secrets.PROVIDERS in names:
            await self._sign_in_providers()
        await _together(self._workflow(file) for file in files)
        scheduled = [f for f in functions if f.schedule is not None]
        await _together(self._function_schedule(function) for function in scheduled)
        await _together(self._workflow_schedule(file) for file in files)
        schedules = len(scheduled) + sum(file.header is not None for file in files)
        return f"{len(topics)} topics, {schedules} schedules, {len(files)} workflows"

    async def vector_index(self, dimensions: int = DEFAULT_DIMENSIONS) -> dict[str, str]:
        """Make index and endpoint, deploy one on the other; return the variables that name them."""
        index = await self._named(
            "indexes",
            {
                "metadata": {
                    "config": {
                        "dimensions": dimensions,
                        "approximateNeighborsCount": 150,
                        "distanceMeasureType": "DOT_PRODUCT_DISTANCE",
                        "featureNormType": "UNIT_L2_NORM",
                        "algorithmConfig": {"treeAhConfig": {}},
                    }
                },
                "indexUpdateMethod": "STREAM_UPDATE",
            },
        )
        endpoint = await self._named("indexEndpoints", {"publicEndpointEnabled": True})
        if not endpoint.get("deployedIndexes"):
            deployed = {"deployedIndex": {"id": INDEX, "index": index["name"]}}
            await self._operation("vertex", f"{endpoint['name']}:deployIndex", deployed)
        return {
            "MEDIA_GATEWAY_VECTOR_INDEX": _last(index["name"]),
            "MEDIA_GATEWAY_VECTOR_ENDPOINT": _last(endpoint["name"]),
            "MEDIA_GATEWAY_DEPLOYED_INDEX": INDEX,
        }

    async def _named(self, kind: str, body: Json) -> Json:
        """Return the resource of our display name, made where there is none."""
        path = f"{self._place}/{kind}"
        listed = await self._call("GET", "vertex", path)
        for found in listed.get(kind, []):
            if found.get("displayName") == INDEX:
                return dict(found)
        made = await self._operation("vertex", path, {"displayName": INDEX, **body})
        return dict(await self._call("GET", "vertex", made["name"]))

    async def _topic(self, topic: str) -> None:
        await self._make("PUT", "pubsub", f"{self._project}/topics/{topic}", {})

    async def _push(self, function: Function, topic: str) -> None:
        """Push a topic's events to a function, but none that is meant for another."""
        meant = f'{REDELIVERED} = "{function.service}"'
        body = {
            "topic": f"{self._project}/topics/{topic}",
            "filter": f"{meant} OR NOT {REDELIVERED.replace('.', ':')}",
            "deadLetterPolicy": {
                "deadLetterTopic": f"{self._project}/topics/{_dead(topic)}",
                "maxDeliveryAttempts": MAX_ATTEMPTS,
            },
        }
        await self._subscription(f"{function.service}--{topic}", function, body)

    async def _keep(self, function: Function, topic: str) -> None:
        """Push a topic's dead letters to who keeps them, until they are taken."""
        dead = _dead(topic)
        await self._subscription(dead, function, {"topic": f"{self._project}/topics/{dead}"})

    async def _subscription(self, name: str, function: Function, body: Json) -> None:
        name = f"{self._project}/subscriptions/{name}"
        address = self._layout.function_url(function.service)
        token = {"serviceAccountEmail": self._account, "audience": address}
        push = {"pushEndpoint": f"{address}/", "oidcToken": token}
        pushed = {"pushConfig": push, "ackDeadlineSeconds": ACK_DEADLINE_SECONDS}
        made = await self._make("PUT", "pubsub", name, {**body, **pushed, "retryPolicy": RETRY})
        if not made:  # it is there already, perhaps with the port of another run
            await self._call("POST", "pubsub", f"{name}:modifyPushConfig", {"pushConfig": push})

    async def _secret(self, name: str) -> None:
        path = f"{self._project}/secrets"
        body: Json = {"replication": {"automatic": {}}}
        if await self._make("POST", "secret_manager", f"{path}?secretId={name}", body):
            await self._add_version(name, self._made_up(name))

    async def _add_version(self, name: str, value: str) -> None:
        version = {"payload": {"data": base64.b64encode(value.encode()).decode()}}
        path = f"{self._project}/secrets/{name}:addVersion"
        await self._call("POST", "secret_manager", path, version)

    def _made_up(self, name: str) -> str:
        """Return the first value of a secret."""
        if name == sign_in_secrets.PROVIDERS:
            return sign_in_secrets.providers(self._layout.url("providers"), None)
        if name == sign_in_secrets.FIREBASE:
            return sign_in_secrets.firebase_key(self._account)
        if name == SIGNING_KEYS:
            return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))
        return KNOWN_SECRETS.get(name) or secrets.token_urlsafe(32)

    async def _sign_in_providers(self) -> None:
        """Let the product find the fakes, wherever they are in this run, and Apple's know it."""
        path = f"{self._project}/secrets/{sign_in_secrets.PROVIDERS}/versions/latest:access"
        kept = (await self._call("GET", "secret_manager", path))["payload"]["data"]
        before, base = base64.b64decode(kept).decode(), self._layout.url("providers")
        now = sign_in_secrets.providers(base, before)
        if now != before:
            await self._add_version(sign_in_secrets.PROVIDERS, now)
        key = sign_in_secrets.apple_key(now)
        async with self._http.put(f"{base}/_mg/identity/apple/key", json=key) as answer:
            answer.raise_for_status()

    async def _workflow(self, file: Workflow) -> None:
        name, body = file.id, {"sourceContents": file.source}
        path = f"{self._place}/workflows"
        if not await self._make("POST", "workflows", f"{path}?workflowId={name}", body):
            mask = "updateMask=sourceContents"
            await self._call("PATCH", "workflows", f"{path}/{name}?{mask}", body)

    async def _function_schedule(self, function: Function) -> None:
        if function.schedule is None:
            return
        if function.is_job:
            target = self._run_job(function)
        else:
            address = self._layout.function_url(function.service)
            token = {"serviceAccountEmail": self._account, "audience": address}
            target = _post(f"{address}/", function.schedule.body, {"oidcToken": token})
        await self._schedule(function.service, function.schedule, target)

    def _run_job(self, function: Function) -> Json:
        base = f"{self._layout.url('cloud_run')}/apis/run.googleapis.com/v2"
        body = dict(function.schedule.body) if function.schedule else {}
        return _post(f"{base}/{self._place}/jobs/{function.service}:run", body, self._oauth())

    async def _workflow_schedule(self, file: Workflow) -> None:
        header, name = file.header, file.id
        if header is None:
            return
        uri = f"{self._layout.url('workflows')}/v1/{self._place}/workflows/{name}/executions"
        target = _post(uri, {"argument": json.dumps(header.argument)}, self._oauth())
        await self._schedule(name, Schedule(header.cron, header.time_zone, {}), target)

    def _oauth(self) -> Json:
        return {"oauthToken": {"serviceAccountEmail": self._account}}

    async def _schedule(self, name: str, schedule: Schedule, target: Json) -> None:
        path = f"{self._place}/jobs"
        job = {
            "name": f"{path}/{name}",
            "schedule": schedule.cron,
            "timeZone": schedule.time_zone,
            "httpTarget": target,
        }
        if not await self._make("POST", "scheduler", path, job):
            await self._call("PATCH", "scheduler", f"{path}/{name}", job)

    async def _operation(self, service: str, path: str, body: Json) -> Json:
        """Start a long-running operation and return its response."""
        operation = await self._call("POST", service, path, body)
        async with asyncio.timeout(OPERATION_SECONDS):
            while not operation.get("done"):
                await asyncio.sleep(0.05)
                operation = await self._call("GET", service, operation["name"])
        if "error" in operation:
            raise ProvisionError(f"{path}: {operation['error']}")
        return dict(operation["response"])

    async def _make(self, method: str, service: str, path: str, body: Json) -> bool:
        """Make a resource; False where it is there already."""
        return await self._send(method, service, path, body) is not None

    async def _call(self, method: str, service: str, path: str, body: Json | None = None) -> Json:
        answer = await self._send(method, service, path, body)
        if answer is None:
            raise ProvisionError(f"{method} {path}: it exists already")
        return answer

    async def _send(self, method: str, service: str, path: str, body: Json | None) -> Json | None:
        url = f"{self._layout.url(service)}/v1/{path}"
        async with self._http.request(method, url, json=body) as response:
            text = await response.text()
        if response.status == CONFLICT:
            return None
        if not response.ok:
            raise ProvisionError(f"{method} {service} {path}: {response.status} {text[:500]}")
        return dict(json.loads(text or "{}"))


def _post(uri: str, body: Mapping[str, Any], token: Json) -> Json:
    content = base64.b64encode(json.dumps(body).encode()).decode()
    headers = {"Content-Type": "application/json"}
    return {"uri": uri, "httpMethod": "POST", "headers": headers, "body": content, **token}


def _dead(topic: str) -> str:
    """Return the topic of what the consumers of a topic failed at."""
    return f"{topic}--dead-letter"


def _last(name: str) -> str:
    return name.rpartition("/")[2]


async def _together(calls: Iterable[Any]) -> None:
    await asyncio.gather(*calls)
