"""Every REST path that a client of Pub/Sub and Firestore knows, on the port that gRPC has too."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
import pytest
import pytest_asyncio
from google.cloud.firestore_admin_v1.services.firestore_admin.transports.rest_base import (
    _BaseFirestoreAdminRestTransport,
)
from google.cloud.firestore_v1.services.firestore.transports.rest_base import (
    _BaseFirestoreRestTransport,
)
from google.pubsub_v1.services.publisher.transports.rest_base import _BasePublisherRestTransport
from google.pubsub_v1.services.schema_service.transports.rest_base import (
    _BaseSchemaServiceRestTransport,
)
from google.pubsub_v1.services.subscriber.transports.rest_base import _BaseSubscriberRestTransport

from emulators.core.faults import Rule
from emulators.core.methods import Method, rules_of
from emulators.services import find_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulated.conftest import Emulator, Laboratory

CLIENTS: dict[str, tuple[type, ...]] = {
    "pubsub": (
        _BasePublisherRestTransport,
        _BaseSubscriberRestTransport,
        _BaseSchemaServiceRestTransport,
    ),
    "firestore": (_BaseFirestoreRestTransport, _BaseFirestoreAdminRestTransport),
}
SAID = {"collection_id": "films"}
JUNK: tuple[bytes, ...] = (
    b"{",
    b"\xff\xfe",
    b"[]",
    b'"text"',
    b"3",
    b'{"noSuchField": 1}',
    b"[" * 100_000,
    b'{"name": {"deep": []}}',
)


def path_of(template: str) -> str:
    """Return a path that a template matches: ``projects/*`` becomes ``projects/projects1``."""

    def fill(found: re.Match[str]) -> str:
        name, pattern = found[1], found[2] or "*"
        if name in SAID:
            return SAID[name]
        filled = pattern.replace("/*/**", "/films/heat").replace("/**", "/films/heat")
        return re.sub(r"(\w+)/\*", r"\1/\1-1", filled)

    return re.sub(r"\{([\w.]+)(?:=([^}]+))?\}", fill, template)


def rules(service: str) -> list[tuple[Method, dict[str, str]]]:
    """Return every rule once: clients of one service share those of mix-ins."""
    found = [rule for client in CLIENTS[service] for rule in rules_of(client)]
    return list({(m.path, r["method"], r["uri"]): (m, r) for m, r in found}.values())


class Rest:
    """One emulator's REST side."""

    def __init__(self, emulator: Emulator, http: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self._http = http

    async def ask(self, verb: str, path: str, body: bytes | None = None) -> tuple[int, str, str]:
        """Return status, type and text of one answer."""
        url = f"http://{self.emulator.address}{path}"
        async with self._http.request(verb, url, data=body) as answer:
            return answer.status, answer.content_type, await answer.text()


@pytest_asyncio.fixture(params=sorted(CLIENTS))
async def rest(
    request: pytest.FixtureRequest, serve_emulator: Laboratory
) -> AsyncIterator[tuple[str, Rest]]:
    make = find_service(request.param)
    assert make is not None
    emulator = await serve_emulator(make)
    async with aiohttp.ClientSession() as http:
        yield request.param, Rest(emulator, http)


def error_of(text: str) -> dict[str, Any]:
    """Return the error of an answer, which for streams stands in an array."""
    answer = json.loads(text)
    (found,) = answer if isinstance(answer, list) else [answer]
    assert set(found) == {"error"}
    return dict(found["error"])


async def test_every_path_leads_to_its_method(rest: tuple[str, Rest]) -> None:
    service, port = rest
    wrong = []
    for method, rule in rules(service):
        faults = port.emulator.context.faults
        number = faults.add(
            Rule("error", method=method.name, status=grpc.StatusCode.ABORTED, message="struck")
        )
        body = b"{}" if rule.get("body") else None
        status, kind, text = await port.ask(rule["method"], path_of(rule["uri"]), body)
        faults.remove(number)
        error = error_of(text)
        if (status, kind, error["status"]) != (409, "application/json", "ABORTED"):
            wrong.append((method.path, rule["uri"], status, text))
        assert isinstance(json.loads(text), list) == (method.kind == "unary_stream")

    assert wrong == []


async def test_junk_is_refused_in_googles_form_by_every_path(rest: tuple[str, Rest]) -> None:
    service, port = rest
    wrong = []
    for method, rule in rules(service):
        path = path_of(rule["uri"])
        parameters = ("noSuchParameter=1", "fields=name")
        asked: list[tuple[str, bytes | None]] = [(f"{path}?{each}", None) for each in parameters]
        if rule.get("body"):
            asked += [(path, junk) for junk in JUNK]
        for target, body in asked:
            status, kind, text = await port.ask(rule["method"], target, body)
            error = error_of(text)
            # Where the path names what is not there, that may be said first.
            expected = {400, 404, 501} if body == JUNK[-1] else {400, 501}
            if status not in expected or error["code"] != status or kind != "application/json":
                wrong.append((method.path, target, (body or b"")[:30], status, text[:200]))

    assert wrong == []


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v2/projects/p/topics", "/v1/projects/p:fly"])
async def test_a_path_that_is_none_is_refused_in_googles_form(
    rest: tuple[str, Rest], path: str
) -> None:
    status, _, text = await rest[1].ask("GET", path)

    assert (status, error_of(text)["status"]) == (404, "NOT_FOUND")
