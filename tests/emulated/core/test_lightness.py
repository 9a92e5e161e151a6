"""A process of one service loads what its clients need, and no more."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "aiohttp",
    "cryptography",
    "google.api_core",
    "google.auth",
    "google.cloud.firestore_admin_v1",
    "google.cloud.firestore_v1",
    "google.pubsub_v1",
    "joserfc",
    "multidict",
    "numpy",
    "pydantic",
    "requests",
    "urllib3",
}
"""For HTTP/1, for signing, or clients that a server never calls."""
SERVES = """
import asyncio, grpc, json, sys
from emulators.core.clock import VirtualClock
from emulators.core.context import Context, client_session
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.methods import stored
from emulators.core.server import serve
from emulators.services import find_service

async def main(name, path, request):
    clock = VirtualClock()
    parts = Journal(None), Faults(clock), Signer(clock)
    context = Context(clock, *parts, addresses={}, http=client_session)
    running = await serve(await find_service(name)(context), 0)
    (method,) = (m for client in stored(name).values() for m in client if m.path == path)
    async with grpc.aio.insecure_channel(running.address) as channel:
        call = channel.unary_unary(
            path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        await call(method.request(**request))
    by_grpc = [*sys.modules]
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET / HTTP/1.1\\r\\nHost: here\\r\\nConnection: close\\r\\n\\r\\n")
    answer = (await reader.read()).decode()
    writer.close()
    print(json.dumps([by_grpc, answer, [*sys.modules]]))
    await running.stop()

name, path, said = sys.argv[1:]
asyncio.run(main(name, path, json.loads(said)))
"""
CALLS = {
    "pubsub": ("/google.pubsub.v1.Publisher/CreateTopic", {"name": "projects/light/topics/films"}),
    "firestore": (
        "/google.firestore.v1.Firestore/Commit",
        {"database": "projects/light/databases/(default)"},
    ),
}


@pytest.mark.parametrize("service", CALLS)
def test_who_serves_grpc_alone_loads_neither_http_nor_signing_nor_clients(service: str) -> None:
    path, said = CALLS[service]
    command = [sys.executable, "-c", SERVES, service, path, json.dumps(said)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours

    by_grpc, answer, by_rest = json.loads(done.stdout)
    assert HEAVY & set(by_grpc) == set()
    assert answer.startswith("HTTP/1.1 200")
    assert HEAVY & set(by_rest) == {"aiohttp", "multidict"}
