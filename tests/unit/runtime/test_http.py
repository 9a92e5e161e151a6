"""HTTP at the edge: dispatch, limits, problems."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import RFC_4122, UUID

import pytest
from pydantic import BaseModel

from shared.kernel.errors import ExhaustedError
from shared.runtime import http
from tests.fakes.edge import Answer, ask

if TYPE_CHECKING:
    from collections.abc import Mapping


class Thing(BaseModel):
    """What is posted."""

    name: str
    size: int


class Asked(BaseModel):
    """What a path and a query say."""

    id: str
    tags: tuple[str, ...] = ()


def echo(request: http.Request) -> http.Reply:
    """Answer what was asked, or fail as told."""
    asked = request.query(Asked)
    if asked.id == "broken":
        raise RuntimeError("secret detail")
    if asked.id == "busy":
        raise ExhaustedError("too many", retry_after_seconds=1.2)
    return http.reply(asked)


async def newest(request: http.Request) -> http.Reply:
    """Answer from the event loop."""
    await asyncio.sleep(0)
    return http.reply({"newest": request.request_id})


def keep(request: http.Request) -> http.Reply:
    """Answer with the size of a thing."""
    return http.reply({"size": request.json(Thing).size}, status=201)


handle = http.resource(__file__, echo, newest, keep)


async def get(target: str, **headers: str) -> Answer:
    named: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ask(handle, "GET", target, headers=named)


async def test_path_and_query_reach_the_operation() -> None:
    answer = await get("/things/7?tags=a,b&tags=c")
    assert answer.status == 200
    assert answer.json == {"id": "7", "tags": ["a", "b", "c"]}


async def test_a_static_path_beats_a_template() -> None:
    assert "newest" in (await get("/things/newest")).json


async def test_an_unknown_path_is_a_problem() -> None:
    answer = await get("/nothing")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"] == "/problems/not-found"


async def test_another_method_is_told_which_ones_are_taken() -> None:
    answer = await ask(handle, "DELETE", "/things")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_a_spent_limit_says_when_to_come_back() -> None:
    answer = await get("/things/busy")
    assert (answer.status, answer.headers["retry-after"]) == (429, "2")


@pytest.mark.parametrize(("size", "status"), [(100, 400), (101, 413)])
async def test_a_body_is_taken_up_to_its_limit(size: int, status: int) -> None:
    assert (await ask(handle, "POST", "/things", body=b"x" * size)).status == status


async def test_every_bad_field_of_a_body_is_named() -> None:
    answer = await ask(handle, "POST", "/things", body=b'{"size": "big"}')
    assert answer.status == 422
    assert {issue["field"] for issue in answer.json["errors"]} == {"name", "size"}


@pytest.mark.parametrize("size", [b'"7"', b"7.5", b"1e300", b"true", b"null"])
async def test_a_value_of_another_type_is_not_taken_for_the_fields(size: bytes) -> None:
    answer = await ask(handle, "POST", "/things", body=b'{"name": "n", "size": %b}' % size)
    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == ["size"]


@pytest.mark.parametrize("size", [b"7", b"7.0", b"70e-1"])
async def test_a_number_without_a_fraction_is_an_integer(size: bytes) -> None:
    answer = await ask(handle, "POST", "/things", body=b'{"name": "n", "size": %b}' % size)
    assert answer.json == {"size": 7}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name": "n", "size": NaN}'])
async def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    answer = await ask(handle, "POST", "/things", body=body)
    assert (answer.status, answer.json["code"]) == (400, "malformed")


async def test_a_fault_of_ours_is_answered_without_detail() -> None:
    answer = await get("/things/broken")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert answer.json["trace_id"] == answer.headers["x-request-id"]


async def test_a_request_id_of_the_right_form_is_kept() -> None:
    answer = await get("/things/newest", x_request_id="abc-12345")
    assert answer.headers["x-request-id"] == answer.json["newest"] == "abc-12345"


@pytest.mark.parametrize("given", ["short", "x" * 65, "bad id with spaces", "a\tb-123456"])
async def test_any_other_request_id_is_replaced(given: str) -> None:
    answer = await get("/things/1", x_request_id=given)
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 36


def test_operations_and_handlers_must_agree() -> None:
    with pytest.raises(LookupError, match="operations and handlers differ"):
        http.resource(__file__, echo, keep)


async def test_measurements_are_told_to_callers_inside_alone() -> None:
    inside, outside = await get("/metrics", x_serverless_authorization="any"), await get("/metrics")

    assert (inside.status, inside.headers["content-type"][:10]) == (200, "text/plain")
    assert outside.status == 404


def test_ids_of_requests_are_random_uuids_of_the_standards_variant() -> None:
    made = {UUID(http._uuid4()) for _ in range(200)}

    assert len(made) == 200
    assert {(one.version, one.variant) for one in made} == {(4, RFC_4122)}
