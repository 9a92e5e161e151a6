"""What an attempt does: send a request or publish a message."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import grpc

from emulators.core.errors import HTTP_STATUS
from emulators.core.hosts import place_of
from emulators.core.identity import ACCESS
from emulators.scheduler.job import HttpTarget, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.core.context import Context
    from emulators.scheduler.job import Job, PubsubTarget, Token

_SUCCESS = range(200, 300)
_REPLACED = ("host", "content-length", "user-agent", "authorization")
_REPLACED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudscheduler")
_OK = Outcome(0)
# Several codes share an HTTP status; the first listed is the general one.
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    409: grpc.StatusCode.ABORTED,
    500: grpc.StatusCode.INTERNAL,
}


class Targets:
    """Runs attempts over one HTTP session.

    Args:
        context: Gives addresses, the signer of bearers and the session.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def attempt(self, job: Job, due: float) -> Outcome:
        """Do once what a job asks; every failure is an outcome.

        Args:
            job: The job.
            due: Unix seconds it was due, as the target is told.
        """
        target = job.target
        try:
            if isinstance(target, HttpTarget):
                return await self._send(target, _headers(job, target, due))
            return await self._publish(target)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(grpc.StatusCode.UNAVAILABLE.value[0], f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()

    async def _send(self, target: HttpTarget, headers: Mapping[str, str]) -> Outcome:
        bearer = {}
        if target.token:
            bearer = {"Authorization": f"Bearer {self._bearer(target.token, target.uri)}"}
        uri = local_uri(target.uri, self._context.addresses)
        async with self._http().request(
            target.method, uri, data=target.body or None, headers={**headers, **bearer}
        ) as reply:
            await reply.read()
            return _outcome(reply.status, target.uri)

    async def _publish(self, target: PubsubTarget) -> Outcome:
        address = self._context.addresses.get("pubsub")
        if not address:
            return Outcome(grpc.StatusCode.UNAVAILABLE.value[0], "Pub/Sub is not running")
        message = {
            "data": base64.b64encode(target.data).decode(),
            "attributes": dict(target.attributes),
        }
        url = f"http://{address}/v1/{target.topic}:publish"
        async with self._http().post(url, json={"messages": [message]}) as reply:
            await reply.read()
            return _outcome(reply.status, target.topic)

    def _bearer(self, token: Token, uri: str) -> str:
        default = uri if token.kind == "oidc" else ACCESS
        return self._context.signer.token(token.audience or default, token.email)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._context.http()
        return self._session


def local_uri(uri: str, addresses: Mapping[str, str]) -> str:
    """Return ``uri``, or for a Google host that is emulated here, where the emulator serves it.

    So a job that was written for production runs unchanged.
    """
    parts = urlsplit(uri)
    place = place_of(parts.hostname or "")
    address = addresses.get(place.service) if place else None
    if place is None or not address:
        return uri
    path = place.prefix + parts.path
    return urlunsplit(("http", address, path, parts.query, parts.fragment))


def _headers(job: Job, target: HttpTarget, due: float) -> dict[str, str]:
    given = {name: value for name, value in target.headers if not _is_replaced(name)}
    if target.body and not any(name.lower() == "content-type" for name in given):
        given["Content-Type"] = "application/octet-stream"
    when = datetime.fromtimestamp(due, UTC).isoformat(timespec="seconds")
    return given | {
        "User-Agent": "Google-Cloud-Scheduler",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": job.name.rpartition("/")[2],
        "X-CloudScheduler-ScheduleTime": when.replace("+00:00", "Z"),
    }


def _is_replaced(name: str) -> bool:
    lower = name.lower()
    return lower in _REPLACED or lower.startswith(_REPLACED_PREFIXES)


def _outcome(status: int, where: str) -> Outcome:
    if status in _SUCCESS:
        return _OK
    named = {http: code for code, http in HTTP_STATUS.items()} | _CODES
    code = named.get(status, grpc.StatusCode.UNKNOWN)
    return Outcome(code.value[0], f"{where} answered {status}")
