"""Events at the edge: one push delivery in, one call of a plain function.

Raw Pub/Sub push bodies and CloudEvents (binary and structured) are read alike. What no repetition
can mend is set aside with its source and acknowledged; everything else is delivered again.
"""

import asyncio
import base64
import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response

from shared.kernel import ids
from shared.kernel.clock import SystemClock
from shared.kernel.errors import REJECTED, AppError, InvalidInputError, MalformedError
from shared.kernel.events import Event
from shared.runtime import metrics, telemetry, tracing
from shared.runtime.declaration import declared
from shared.runtime.health import Health
from shared.runtime.http import Target
from shared.runtime.logging import request_id
from shared.runtime.problems import invalid_input, status_of
from shared.runtime.settings import settings, use_settings

logger = logging.getLogger(__name__)

TICK = "schedule.tick"
"""Type of the event that a schedule makes."""


@dataclass(frozen=True)
class Delivery:
    """One event with what it came in.

    Attributes:
        attributes: Of the message; of a schedule, its headers.
        message_id: Pub/Sub's own; empty for a schedule.
        body: As it came.
    """

    event: Event
    attributes: Mapping[str, str]
    message_id: str
    body: bytes


Consumer = Callable[[Event], None]
Taker = Callable[[Delivery], None]
SetAside = Callable[[str, str, str, bytes], None]


def consumer(*probes: Callable[[], object]) -> Callable[[Consumer], Target]:
    """Return what makes an event function of a handler.

    Args:
        probes: One for each dependency under ``health`` of the manifest (`shared.adapters.probes`).
    """

    def made(handler: Consumer) -> Target:
        return _made(lambda delivery: handler(delivery.event), inspect.getfile(handler), probes)

    return made


def taker(*probes: Callable[[], object]) -> Callable[[Taker], Target]:
    """Return what makes an event function of a handler that needs the delivery as well."""

    def made(handler: Taker) -> Target:
        return _made(handler, inspect.getfile(handler), probes)

    return made


def _made(handler: Taker, file: str, probes: Sequence[Callable[[], object]]) -> Target:
    health = Health(declared(file).get("health", {}), probes)
    return _target(handler, _to_database, health)


def consumer_with(
    handler: Consumer, *, set_aside: SetAside, health: Health | None = None
) -> Target:
    """Return what the framework calls, with another place for what is set aside.

    Args:
        handler: May run twice for one event.
        set_aside: Keeps ``(consumer, event id, reason, body)``; raising makes a redelivery.
        health: Answers ``/health/…``.
    """
    return _target(lambda delivery: handler(delivery.event), set_aside, health or Health({}))


def _target(handler: Taker, set_aside: SetAside, answered: Health) -> Target:
    use_settings()

    async def handle(request: StarletteRequest) -> Response:
        if request.method == "GET":
            return await _health(answered, request)
        async with telemetry.delivery():
            body = await request.body()
            loop = asyncio.get_running_loop()
            work = copy_context().run
            status = await loop.run_in_executor(
                _pool(), work, _deliver, handler, set_aside, dict(request.headers), body
            )
        return Response(status_code=status)

    return handle


async def _health(health: Health, request: StarletteRequest) -> Response:
    found = await health.answer(request.url.path, request.headers)
    if found is None:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return Response(orjson.dumps(found[1]), found[0], media_type="application/json")


@cache
def _pool() -> Any:  # noqa: ANN401 - the executor's class is imported with it
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - kept beside its use

    return ThreadPoolExecutor(4, "consumer")


def _deliver(handler: Taker, set_aside: SetAside, headers: Mapping[str, str], body: bytes) -> int:
    found = ""
    try:
        delivery = read(headers, body)
        event = delivery.event
        found = str(event.event_id)
        request_id.set(event.correlation_id)
        with tracing.delivery(event.event_type, delivery.attributes):
            handler(delivery)
        _count("done")
    except REJECTED as error:
        return _rejected(set_aside, found, error, body)
    except AppError as error:
        _count("deferred")
        logger.warning("event.deferred", extra={"event": found, "detail": error.message})
        return status_of(error)
    except Exception:
        _count("failed")
        logger.exception("event.failed", extra={"event": found})
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.NO_CONTENT


def _count(outcome: str) -> None:
    metrics.count(metrics.EVENTS, service=settings().service, outcome=outcome)


def _rejected(set_aside: SetAside, found: str, error: AppError, body: bytes) -> int:
    identifier = found or str(ids.named("unreadable", body.decode("latin-1")))
    detail = "; ".join([error.message, *(f"{i.field}: {i.message}" for i in error.issues)])
    try:
        set_aside(settings().service, identifier, f"{error.code}: {detail}", body)
    except Exception:
        logger.exception("event.not_set_aside", extra={"event": identifier})
        return HTTPStatus.SERVICE_UNAVAILABLE
    _count("set_aside")
    logger.warning("event.set_aside", extra={"event": identifier, "detail": detail})
    return HTTPStatus.NO_CONTENT


def parse(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the event that a delivery carries, as `read`."""
    return read(headers, body).event


def read(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Return the event that a delivery carries, with the attributes it came with.

    Args:
        headers: Names in lower case.
        body: A raw push body, a structured CloudEvent, the body of a binary one, or a schedule's.

    Raises:
        MalformedError: The delivery cannot be read.
        InvalidInputError: The envelope lacks a field or has a wrong one.
    """
    delivery = _json(body)
    if "x-cloudscheduler" in headers:
        return Delivery(_tick(headers, delivery), headers, "", body)
    data = delivery.get("data")
    message = delivery.get("message") or (data.get("message") if isinstance(data, dict) else None)
    if not isinstance(message, Mapping):
        raise MalformedError("the delivery carries no message")
    try:
        inner = base64.b64decode(message.get("data") or "", validate=True)
    except (ValueError, TypeError):  # TypeError: no string at all
        raise MalformedError("message.data is not base64") from None
    try:
        event = Event.model_validate(_json(inner))
    except ValidationError as error:
        raise invalid_input(error, "event") from None
    return Delivery(event, _attributes(message), _text(message.get("messageId")), body)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _attributes(message: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what of a message's attributes a trace needs, whatever else somebody put there."""
    given = message.get("attributes")
    return {n: v for n, v in given.items() if isinstance(v, str)} if isinstance(given, dict) else {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"the delivery is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise MalformedError("the delivery is not a JSON object")
    return found


def _tick(headers: Mapping[str, str], data: dict[str, Any]) -> Event:
    """Return the event of one schedule's turn; a repeated attempt has the same id."""
    job = headers.get("x-cloudscheduler-jobname", "schedule")
    turn = headers.get("x-cloudscheduler-scheduletime") or SystemClock().now().isoformat()
    try:
        occurred_at = datetime.fromisoformat(turn)
    except ValueError:
        raise InvalidInputError("x-cloudscheduler-scheduletime is no RFC 3339 time") from None
    return Event(
        event_id=ids.named(job, turn),
        event_type=TICK,
        occurred_at=occurred_at,
        correlation_id=f"{job}/{turn}",
        data=data,
    )


def _to_database(consumer_name: str, event_id: str, reason: str, payload: bytes) -> None:
    from shared.adapters.sql.rejections import set_aside  # noqa: PLC0415 - SQL, only when needed

    set_aside(consumer_name, event_id, reason, payload)
