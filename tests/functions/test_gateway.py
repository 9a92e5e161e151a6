"""The gateway in front of a service that listens on this machine."""

from __future__ import annotations

import asyncio
import gzip
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from shared.adapters import functions
from shared.gateway.headers import PROBLEM
from shared.runtime import lifecycle, metrics, problems
from tests.fakes.edge import Answer, ask, load
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import ModuleType


def row(path: str, **traits: object) -> dict[str, object]:
    plain = {"service": "backend", "area": "test", "method": "GET", "auth": "public"}
    return {**plain, "path": path, "timeout_seconds": 5, "body_limit": 10, **traits}


ROUTES = [
    row("/echo/{id}"),
    row("/zipped"),
    row("/slow", timeout_seconds=0.05),
    row("/missing"),
    row("/forbidden"),
    row("/popular"),
    row("/found", fallback={"path": "/popular", "ignores": ["q"]}),
    row("/elsewhere"),
    row("/raw"),
    row("/lost"),
    row("/page", page=True),
    row("/page/slow", page=True, timeout_seconds=0.05),
    row("/page/raw", page=True),
    row("/page/broken", page=True),
    row("/page/posted", method="POST", page=True),
    row("/no/page"),
    row("/private", auth="user"),
    row("/posted", method="POST"),
    row("/slow/posted", method="POST", idempotent=True),
]


HTML = "text/html"
POLICY = "default-src 'none'; style-src 'nonce-a'"
BEGUN = web.AppKey("begun", asyncio.Event)
OVER = web.AppKey("over", asyncio.Event)


async def backend(request: web.Request) -> web.StreamResponse:
    """Answer with what arrived."""
    request.app[BEGUN].set()
    if request.path.startswith(("/backend/slow", "/backend/page/slow")):
        await request.app[OVER].wait()
    if request.path == "/backend/missing":
        return web.json_response({"code": "gone"}, status=410, headers={"x-inner": "1"})
    if request.path == "/backend/forbidden":  # what Cloud Run says to who lacks run.invoker
        return web.Response(text="<title>403 Forbidden</title>", status=403, content_type=HTML)
    if request.path.endswith("/raw"):
        told = {"retry-after": "7", "content-type": HTML}
        return web.Response(body=b"<h1>backend does not start</h1>", status=503, headers=told)
    if request.path == "/backend/elsewhere":
        links = [("link", "</a>; rel=next"), ("link", "</b>; rel=last")]
        return web.Response(status=303, headers=[("location", "/here"), *links])
    said = {
        "target": request.raw_path,
        "headers": {n.lower(): v for n, v in request.headers.items()},
    }
    body = orjson.dumps(said)
    if request.path == "/backend/zipped":
        packed = {"content-encoding": "gzip", "content-type": "application/json"}
        return web.Response(body=gzip.compress(body), headers=packed)
    return web.Response(body=body, content_type="application/json", headers={"x-inner": "1"})


async def page(request: web.Request) -> web.Response:
    """Answer with the cookies that arrived, and set one."""
    head = {"set-cookie": "__Host-a=c; Path=/; Secure", "content-security-policy": POLICY}
    return web.Response(text=request.headers.get("cookie", ""), headers=head)


async def broken(_request: web.Request) -> web.Response:
    """Answer as a function does that has a bug."""
    found = problems.document(HTTPStatus(500), "internal", "ours", trace_id="t")
    return web.json_response(found, status=500, content_type=PROBLEM)


async def lost(_request: web.Request) -> web.Response:
    """Answer as a function does whose store is lost."""
    found = problems.document(HTTPStatus(503), "unavailable", "redis does not answer", trace_id="t")
    return web.json_response(found, status=503, content_type=PROBLEM)


@pytest_asyncio.fixture
async def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModuleType]:
    """Return the gateway, with one service behind it and a token that needs no metadata server."""
    app = web.Application()
    app[BEGUN], app[OVER] = asyncio.Event(), asyncio.Event()
    app.router.add_route("GET", "/backend{rest:.*}/page", page)
    app.router.add_route("GET", "/backend/page/broken", broken)
    app.router.add_route("GET", "/backend/lost", lost)
    app.router.add_route("*", "/{rest:.*}", backend)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    (tmp_path / "routes.json").write_bytes(orjson.dumps(ROUTES))
    with surroundings("", tmp_path, monkeypatch):
        address = f"http://127.0.0.1:{port}/{{service}}"
        change(monkeypatch, {"MEDIA_GATEWAY_FUNCTION_URL": address})
        monkeypatch.setattr(functions, "_fetch_token", lambda audience: f"token of {audience}")
        found = load("gateway")
        found.backend = app  # type: ignore[attr-defined]
        yield found
        await functions.close()
    app[OVER].set()
    await runner.cleanup()


async def get(gateway: ModuleType, target: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ask(gateway.handle, "GET", target, headers=named)


async def test_a_request_reaches_its_service_as_it_was_written(gateway: ModuleType) -> None:
    answer = await get(gateway, "/echo/caf%C3%A9?q=a%20b&q=c", x_request_id="abc-12345")

    got = answer.json["headers"]
    assert answer.json["target"] == "/backend/echo/caf%C3%A9?q=a%20b&q=c"
    assert got["x-request-id"] == answer.headers["x-request-id"] == "abc-12345"
    assert got["x-request-deadline-ms"] == "4995"
    assert got["x-serverless-authorization"].startswith("Bearer token of http://127.0.0.1")


async def test_a_callers_identity_headers_do_not_pass(gateway: ModuleType) -> None:
    forged = {"x_serverless_authorization": "Bearer forged", "x_user_id": "1", "cookie": "a=b"}
    answer = await get(gateway, "/echo/1", authorization="Bearer mine", **forged)

    got = answer.json["headers"]
    assert got["authorization"] == "Bearer mine"
    assert "forged" not in got["x-serverless-authorization"]
    assert not {"x-user-id", "cookie"} & got.keys()


async def test_cookies_and_the_policy_of_a_page_pass_on_routes_for_browsers(
    gateway: ModuleType,
) -> None:
    shown = await get(gateway, "/page", cookie="__Host-a=b; c=d")
    other = await get(gateway, "/no/page", cookie="__Host-a=b; c=d")

    assert (shown.body, other.body) == (b"__Host-a=b", b"")
    assert shown.headers["set-cookie"] == "__Host-a=c; Path=/; Secure"
    assert shown.headers["content-security-policy"] == POLICY
    assert "set-cookie" not in other.headers
    assert other.headers["content-security-policy"] != POLICY


@pytest.mark.parametrize(
    ("method", "target", "status", "says"),
    [
        ("GET", "/page/slow", 504, "This took too long"),
        ("GET", "/page/raw", 503, "We cannot answer right now"),
        ("GET", "/page/broken", 500, "Something went wrong"),
        ("POST", "/page/posted", 413, "This is more than we take"),
        ("GET", "/page/posted", 405, "There is no such page"),
    ],
)
async def test_who_shows_a_page_to_a_person_is_refused_by_a_page(
    gateway: ModuleType, method: str, target: str, status: int, says: str
) -> None:
    async def refused(accept: str) -> Answer:
        body = b"x" * 11 if method == "POST" else b""
        return await ask(gateway.handle, method, target, body=body, headers={"accept": accept})

    page = await refused("text/html,application/xhtml+xml,*/*;q=0.8")
    problem = await refused("application/json, */*")

    assert (page.status, problem.status) == (status, status)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{says}</h1>" in page.body.decode()
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'n")
    assert page.headers["cache-control"] == "no-store"
    assert problem.headers["content-type"].startswith("application/problem+json")
    for name in ("retry-after", "allow"):
        assert page.headers.get(name) == problem.headers.get(name)


async def test_who_comes_too_often_is_told_by_a_page_when_to_come_again(
    gateway: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_RATE_FACTOR": "0.001"})
    fresh = load("gateway")
    assert (await get(fresh, "/page", accept="text/html")).status == 200

    page = await get(fresh, "/page", accept="text/html")
    program = await get(fresh, "/page", accept="application/json")
    elsewhere = await get(fresh, "/no/page", accept="text/html")

    assert (page.status, program.json["code"]) == (429, "rate-limited")
    assert b"<h1>Too many tries</h1>" in page.body
    assert int(page.headers["retry-after"]) > 1
    assert "ratelimit" in page.headers
    assert elsewhere.json["code"] == "rate-limited"
    assert gateway.handle


@pytest.mark.behavior("oauth2:authorize:no-cors")
async def test_scripts_of_other_origins_read_no_page_whoever_they_are(
    gateway: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_ALLOWED_ORIGINS": "https://tv.example"})
    fresh = load("gateway")
    for path, is_open in (("/page", False), ("/no/page", True)):
        given = {"origin": "https://tv.example"}
        read = await get(fresh, path, **given)
        asked = {**given, "access-control-request-method": "GET"}
        preflight = await ask(fresh.handle, "OPTIONS", path, headers=asked)
        for answer in (read, preflight):
            assert ("access-control-allow-origin" in answer.headers) == is_open, (path, answer)
    assert gateway.handle


async def test_answers_carry_security_headers_and_nothing_internal(gateway: ModuleType) -> None:
    for target in ("/echo/1", "/nothing", "/health/live"):
        answer = await get(gateway, target)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "x-inner" not in answer.headers


async def test_a_compressed_answer_can_be_read(gateway: ModuleType) -> None:
    answer = await get(gateway, "/zipped")
    assert "content-encoding" not in answer.headers
    assert answer.json["target"] == "/backend/zipped"


async def test_a_services_own_error_passes(gateway: ModuleType) -> None:
    answer = await get(gateway, "/missing")
    assert (answer.status, answer.json) == (410, {"code": "gone"})


async def test_what_a_services_host_says_in_its_place_becomes_a_problem(
    gateway: ModuleType,
) -> None:
    answer = await get(gateway, "/raw", x_request_id="abc-12345")

    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (answer.json["code"], answer.json["trace_id"]) == ("unavailable", "abc-12345")
    assert (answer.headers["x-request-id"], answer.headers["retry-after"]) == ("abc-12345", "7")


async def test_whoever_says_503_callers_are_told_when_to_come_again(gateway: ModuleType) -> None:
    answer = await get(gateway, "/lost")

    assert (answer.status, answer.json["detail"]) == (503, "redis does not answer")
    assert answer.headers["retry-after"] in {"1", "2", "3"}


async def test_a_grant_that_the_gateway_lacks_is_no_refusal_of_the_caller(
    gateway: ModuleType,
) -> None:
    answer = await get(gateway, "/forbidden")

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert b"Forbidden" not in answer.body
    counted = 'upstream_refused_total{service="backend",status="403"}'
    assert counted in metrics.exposition().decode()


async def test_a_service_that_was_killed_leaves_what_anybody_was_last_answered(
    gateway: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await get(gateway, "/found?q=heat", authorization="Bearer mine")).status == 200
    await gateway.door().settle()
    change(monkeypatch, {"MEDIA_GATEWAY_FUNCTION_URL": "http://127.0.0.1:9/{service}"})

    answer = await get(gateway, "/found?q=heat")

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    stands_in = answer.json["fallback"]
    assert (stands_in["path"], stands_in["answer"]["target"]) == ("/popular", "/backend/popular")
    assert b"Bearer mine" not in answer.body
    assert "fallback" not in (await get(gateway, "/found?q=heat&rating=g")).json


async def test_a_redirect_is_the_callers_to_follow_with_every_field_it_has(
    gateway: ModuleType,
) -> None:
    answer = await get(gateway, "/elsewhere")
    assert (answer.status, answer.headers["link"]) == (303, "</a>; rel=next, </b>; rel=last")


async def test_a_service_that_takes_too_long_is_a_timeout(gateway: ModuleType) -> None:
    answer = await get(gateway, "/slow")
    assert (answer.status, answer.json["code"]) == (504, "timeout")


async def test_a_service_that_is_down_is_unavailable(
    gateway: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_FUNCTION_URL": "http://127.0.0.1:9/{service}"})
    answer = await get(gateway, "/echo/1")
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] in {"1", "2", "3"}


async def test_refusals_need_no_service(gateway: ModuleType) -> None:
    assert (await get(gateway, "/nothing")).status == 404
    assert (await get(gateway, "/private")).status == 401
    assert (await get(gateway, "/posted")).status == 405
    assert (await get(gateway, "/echo/%2e%2e")).status == 400
    assert (await get(gateway, "/echo/a%2Fb")).status == 400
    posted = await ask(gateway.handle, "POST", "/posted", body=b"x" * 11)
    assert posted.status == 413


async def test_an_effect_whose_caller_went_away_is_finished_before_the_process_ends(
    gateway: ModuleType,
) -> None:
    async def post() -> Answer:
        headers = {"idempotency-key": "watch-heat"}
        return await ask(gateway.handle, "POST", "/slow/posted", headers=headers)

    first = asyncio.create_task(post())
    await gateway.backend[BEGUN].wait()
    first.cancel()
    settling = asyncio.create_task(lifecycle.work.settled())
    await asyncio.wait([first])
    assert not settling.done()
    gateway.backend[OVER].set()
    await settling

    again = await post()

    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
