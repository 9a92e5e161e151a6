"""Every method and every field of a request, as its emulator takes it: tables for the docs.

``python -m emulators.coverage`` prints them; ``--update FILE`` writes them into a document between
its marks.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.core import environment
from emulators.core.methods import methods, rest_rules
from emulators.core.wire import Handlers
from emulators.firestore import supported as firestore
from emulators.firestore.admin import supported as firestore_admin
from emulators.pubsub import supported as pubsub
from emulators.serve import make_cloud
from emulators.services import find_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emulators.core.context import Context
    from emulators.core.methods import Method
    from emulators.core.supported import Fields

BEGIN = "<!-- made by python -m emulators.coverage: begin -->"
END = "<!-- made by python -m emulators.coverage: end -->"
YES, NO = "supported", "UNIMPLEMENTED"
# A request of a mix-in service is the same whatever it is mixed into.
_MIXED_IN = ("/google.longrunning.", "/google.cloud.location.")


@dataclass(frozen=True)
class Service:
    """What is told of one emulator.

    Attributes:
        name: Of its package.
        transports: Module and class of the clients' gRPC transports: what there is to support.
        fields: What becomes of the fields, by package; empty where nobody has said.
    """

    name: str
    transports: tuple[tuple[str, str], ...]
    fields: tuple[Fields, ...] = ()


SERVICES = (
    Service(
        "pubsub",
        tuple(
            (f"google.pubsub_v1.services.{module}.transports.grpc", f"{name}GrpcTransport")
            for module, name in (
                ("publisher", "Publisher"),
                ("subscriber", "Subscriber"),
                ("schema_service", "SchemaService"),
            )
        ),
        (pubsub.FIELDS, pubsub.POLICIES),
    ),
    Service(
        "firestore",
        (
            (
                "google.cloud.firestore_v1.services.firestore.transports.grpc",
                "FirestoreGrpcTransport",
            ),
            (
                "google.cloud.firestore_admin_v1.services.firestore_admin.transports.grpc",
                "FirestoreAdminGrpcTransport",
            ),
        ),
        (firestore.FIELDS, firestore_admin.ADMIN, firestore_admin.OPERATIONS),
    ),
    Service(
        "secret_manager",
        (
            (
                "google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc",
                "SecretManagerServiceGrpcTransport",
            ),
        ),
    ),
    Service(
        "workflows",
        (
            (
                "google.cloud.workflows_v1.services.workflows.transports.grpc",
                "WorkflowsGrpcTransport",
            ),
            (
                "google.cloud.workflows.executions_v1.services.executions.transports.grpc",
                "ExecutionsGrpcTransport",
            ),
        ),
    ),
    Service(
        "scheduler",
        (
            (
                "google.cloud.scheduler_v1.services.cloud_scheduler.transports.grpc",
                "CloudSchedulerGrpcTransport",
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Call:
    """One method of a service.

    Attributes:
        method: The method.
        is_supported: Whether the emulator has it.
        has_rest: Whether its client knows a path of it.
    """

    method: Method
    is_supported: bool
    has_rest: bool


def calls(service: Service, served: Mapping[str, bool]) -> Iterator[Call]:
    """Yield every method that the clients of a service know, each once.

    Args:
        service: Of which.
        served: Whether a path is supported, of those that the emulator binds.
    """
    told: set[str] = set()
    for module, name in service.transports:
        transport = getattr(importlib.import_module(module), name)
        with_rest = {method.path for method, _ in rest_rules(transport)}
        for method in sorted(methods(transport).values(), key=lambda each: each.path):
            if method.path not in told:
                told.add(method.path)
                has_rest = method.path in with_rest
                yield Call(method, served.get(method.path, False), has_rest)


async def served_by(name: str, context: Context) -> dict[str, bool]:
    """Return whether each method that an emulator binds is supported, by path."""
    make = find_service(name)
    if make is None:
        return {}
    endpoint = await make(context)
    handlers = [h for h in endpoint.grpc_handlers if isinstance(h, Handlers)]
    return {method.path: found for h in handlers for method, found in h.supported.items()}


def fields_of(service: Service, found: Sequence[Call]) -> Iterator[tuple[Fields, str, str]]:
    """Yield table, message and name of every field that a method which is supported may be sent."""
    for fields in service.fields:
        seen: set[str] = set()
        for call in found:
            if call.is_supported:
                for message, name in fields.of_request(call.method.request.DESCRIPTOR, seen):
                    yield fields, message, name


async def every_call() -> dict[str, list[Call]]:
    """Return every method of every service, by the service's name."""
    with tempfile.TemporaryDirectory() as folder:
        cloud = make_cloud(environment.load({"MG_STATE_DIR": folder}))
        found = {
            service.name: list(calls(service, await served_by(service.name, cloud.context)))
            for service in SERVICES
        }
        cloud.journal.close()
    return found


def tables(found: Mapping[str, Sequence[Call]]) -> str:
    """Return what is told of every service, Markdown."""
    return "\n".join(line for service in SERVICES for line in _told(service, found[service.name]))


def _told(service: Service, found: Sequence[Call]) -> Iterator[str]:
    yield f"### {service.name}\n\n| Method | Wires | |\n|---|---|---|"
    for call in found:
        if not call.is_supported and call.method.path.startswith(_MIXED_IN):
            continue  # nothing here is of use without them, and no client of ours asks for them
        wires = "gRPC, REST" if call.has_rest else "gRPC"
        status = YES if call.is_supported else f"**{NO}**"
        yield f"| `{call.method.path[1:].replace('/', '.')}` | {wires} | {status} |"
    if service.fields:
        yield "\n| Message | Supported | Refused by name | Without effect |\n|---|---|---|---|"
        yield from _rows(service, found)
    yield ""


def _rows(service: Service, found: Sequence[Call]) -> Iterator[str]:
    by_message: dict[tuple[str, str], list[tuple[Fields, str]]] = {}
    for fields, message, name in fields_of(service, found):
        by_message.setdefault((fields.package, message), []).append((fields, name))
    for (package, message), each in sorted(by_message.items()):
        used = [n for f, n in each if f.is_used(message, n)]
        refused = [n for f, n in each if f.is_refused(message, n)]
        idle = _by_reason((f.reason(message, n), n) for f, n in each if _is_idle(f, message, n))
        cells = " | ".join((", ".join(used), ", ".join(refused), idle))
        shown = message if package in service.fields[0].package else f"{package}{message}"
        yield f"| `{shown}` | {cells} |"


def _by_reason(found: Iterable[tuple[str | None, str]]) -> str:
    names: dict[str | None, list[str]] = {}
    for reason, name in found:
        names.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(each)} ({reason})" for reason, each in names.items())


def _is_idle(fields: Fields, message: str, name: str) -> bool:
    is_told = fields.is_used(message, name) or fields.is_refused(message, name)
    return not is_told and fields.reason(message, name) is not None


def updated(document: str, made: str) -> str:
    """Return the document with tables between its marks.

    Raises:
        ValueError: It has no marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def main() -> int:
    """Print the tables, or write them into a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", type=Path, metavar="FILE", help="document to write into")
    given = parser.parse_args()
    made = tables(asyncio.run(every_call()))
    if given.update is None:
        sys.stdout.write(made)
    else:
        text = updated(given.update.read_text(encoding="utf-8"), made)
        given.update.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
