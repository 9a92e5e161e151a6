"""Every mounted route of the running system keeps what its manifest says of it.

The routes are those of the manifests, so a new one is walked by itself. What is forwarded is also
walked on gateways of their own: a stingy one, whose quotas are soon spent, and one with a service
behind it that tells what came.
"""

from __future__ import annotations

from secrets import token_hex
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import create_engine, text

from functions.route import Auth
from shared.gateway.headers import RESPONSE_HEADERS, SECURITY_HEADERS
from tests.e2e import gateways
from tests.e2e.cloud import ORIGIN, ROOT
from tests.e2e.gateways import newcomer
from tests.e2e.mounted import ROUTES, UNOWNED, VALUES, VIEWER, Asking, Mounted, came_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.e2e.cloud import Cloud
    from tests.fakes.tokens import Authority

WARM_SECONDS = 90.0
PROBLEM = "application/problem+json"
FORGED = "x.y.z"
TOLD = {
    *("date", "content-length", "transfer-encoding", "x-request-id"),
    *("ratelimit", "ratelimit-policy"),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    *("access-control-allow-origin", "access-control-allow-credentials"),
    "access-control-expose-headers",
}
"""What an answer may carry beside what a service may say and the security headers."""
INTERNAL = {
    "x-serverless-authorization": "Bearer forged",
    "x-user-id": "1",
    "x_user_id": "1",
    "x-tier": "enterprise",
    "x-internal-role": "admin",
    "x-forwarded-host": "evil.example",
    "x-goog-authenticated-user-id": "1",
    "x-request-deadline-ms": "1",
    "forwarded": "for=1.2.3.4",
    "cookie": "session=1",
    "proxy-authorization": "Basic eA==",
    "connection": "x-one",
    "x-one": "1",
    "te": "trailers",
}
"""What no caller may say to a service."""
LEAKED = {
    "server": "backend/1",
    "x-powered-by": "backend",
    "x-cache-tags": "a",
    "set-cookie": "a=b",
    "x-internal-took": "1",
    "keep-alive": "timeout=1",
    "proxy-authenticate": "Basic",
    "access-control-allow-origin": "*",
    "strict-transport-security": "max-age=0",
}
"""What no service may say to a caller."""


FIRST_EPISODE = """
  INSERT INTO series_link (series_id, season_no, episode_no, content_id)
  SELECT series.id, 1, 1, film.id
  FROM (SELECT id FROM content WHERE content_type = 'series' ORDER BY id LIMIT 1) AS series
  CROSS JOIN (SELECT id FROM content WHERE content_type = 'movie' ORDER BY id LIMIT 1) AS film
  ON CONFLICT (series_id, season_no, episode_no) DO UPDATE SET content_id = excluded.content_id
  RETURNING series_id
"""
FORWARDED = [one for one in ROUTES if one.is_forwarded]
SAID = orjson.loads((ROOT / "docs" / "openapi.json").read_bytes())["paths"]
READING = [
    one
    for one in ROUTES
    if one.route.method == "GET"
    and one.route.auth is not Auth.SIGNATURE  # a hub may say more than we know
    and not one.route.page  # somebody's link may, too
    and "422" in SAID[one.route.path]["get"]["responses"]
]


def named(one: Mounted) -> str:
    """Return the name of a route's tests."""
    return one.route.operation


every = pytest.mark.parametrize("one", ROUTES, ids=named)
forwarded = pytest.mark.parametrize("one", FORWARDED, ids=named)


@pytest.fixture(scope="module")
def values(cloud: Cloud, authority: Authority) -> dict[str, str]:
    """A good value for every parameter that is required somewhere."""
    found = cloud.search(q="space adventure")["results"][0]["content"]
    given = {"id": found["id"], "content_id": found["id"], "platform": found["platforms"][0]}
    with gateways.client(cloud.address("gateway")) as client:
        warm(client)
        head = {"authorization": f"Bearer {authority.admin()}"}
        runs = client.get("/api/v1/admin/ingestion/runs", headers=head).json()["data"]
        begun = client.post("/auth/device", data={"client_id": "mg-tv"}).json()
    given["user_code"] = begun["user_code"]
    return {**VALUES, **given, **a_season(cloud), "get_run.id": runs[0]["run_id"]}


def a_season(cloud: Cloud) -> dict[str, str]:
    """Make a film the first episode of a series, since the sample knows of no episodes."""
    engine = create_engine(cloud.record()["variables"]["MEDIA_GATEWAY_DATABASE_URL"])
    with engine.begin() as connection:
        series = connection.execute(text(FIRST_EPISODE)).scalar_one()
    engine.dispose()
    return {"get_season.id": str(series), "get_episode.id": str(series)}


def warm(client: httpx2.Client) -> None:
    """Ask how the platform is until every service has made its connections for the first time.

    They are two dozen on two cores; the first that asks does not have their answers in time.
    """
    deadline = monotonic() + WARM_SECONDS
    while not client.get("/health/aggregate").is_success:
        assert monotonic() < deadline, client.get("/health/aggregate").text
        sleep(0.5)


@pytest.fixture(scope="module")
def document(cloud: Cloud) -> dict[str, Any]:
    """The served document."""
    return dict(cloud.ask("GET", "/api-docs/openapi.json").required())


@pytest.fixture(scope="module")
def door(
    cloud: Cloud, document: dict[str, Any], values: dict[str, str], authority: Authority
) -> Iterator[Asking]:
    """The local cloud's own gateway."""
    with gateways.client(cloud.address("gateway")) as client:
        yield Asking(client, document, values, authority)


@pytest.fixture(scope="module")
def stingy(cloud: Cloud, door: Asking) -> Iterator[Asking]:
    """A gateway that lets a caller ask once in a while; callers have the addresses they claim."""
    settings = {"MEDIA_GATEWAY_RATE_FACTOR": "0.01", "MEDIA_GATEWAY_TRUSTED_HOPS": "1"}
    with gateways.gateway(cloud, **settings) as client:
        yield Asking(client, door.document, door.values, door.authority)


@pytest.fixture(scope="module")
def service() -> Iterator[gateways.Service]:
    """A service in place of all."""
    with gateways.serving() as found:
        yield found


@pytest.fixture(scope="module")
def watched(cloud: Cloud, door: Asking, service: gateways.Service) -> Iterator[Asking]:
    """A gateway in front of that service."""
    redis = f"redis://{cloud.address('redis')}/7"  # nothing of the others' is kept there
    settings = {"MEDIA_GATEWAY_FUNCTION_URL": service.address, "MEDIA_GATEWAY_REDIS_URL": redis}
    with gateways.gateway(cloud, **settings) as client:
        yield Asking(client, door.document, door.values, door.authority)


def is_problem(answer: httpx2.Response, status: int, code: str = "") -> bool:
    """Tell whether an answer is a problem document like all of ours."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    said = answer.json()
    assert said["trace_id"] == answer.headers["x-request-id"]
    assert said["type"] == f"/problems/{said['code']}"
    assert answer.headers.keys() >= SECURITY_HEADERS.keys()
    return not code or said["code"] == code


@every
def test_a_good_request_is_answered_with_the_head_of_every_answer(
    door: Asking, one: Mounted
) -> None:
    answer = door.send(one, headers={"x-request-id": "walked-12345", "origin": ORIGIN})

    assert came_in(one, answer), answer.text
    assert answer.headers["x-request-id"] == "walked-12345"
    page = "nonce" in answer.headers["content-security-policy"]
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value or (page and name == "content-security-policy")
    assert page == answer.headers.get("content-type", "").startswith("text/html")
    cookie = {"set-cookie"} if one.route.page else set()
    assert set(answer.headers) <= RESPONSE_HEADERS | SECURITY_HEADERS.keys() | TOLD | cookie


@every
def test_a_request_id_of_another_form_is_replaced(door: Asking, one: Mounted) -> None:
    answer = door.send(one, headers={"x-request-id": "a b; <script>"})

    assert UUID(answer.headers["x-request-id"]).version == 4


@every
def test_only_the_page_that_may_call_can_read_an_answer(door: Asking, one: Mounted) -> None:
    allowed = door.send(one, headers={"origin": ORIGIN}).headers
    refused = door.send(one, headers={"origin": "https://evil.example"}).headers

    if one.route.page:  # no script of another origin reads a page of ours (RFC 9700 §2.6)
        assert "access-control-allow-origin" not in {*allowed, *refused}
        return
    assert allowed["access-control-allow-origin"] == ORIGIN
    assert "ETag" in allowed["access-control-expose-headers"]
    assert "access-control-allow-origin" not in refused
    assert "Origin" in allowed["vary"]
    assert "Origin" in refused["vary"]


@every
def test_a_browser_learns_which_methods_a_path_takes(door: Asking, one: Mounted) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": one.route.method}
    answer = door.send(one, "OPTIONS", headers=asked, token=None, content=None)

    assert (answer.status_code, answer.content) == (204, b"")
    if one.route.page:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        return
    assert one.route.method in answer.headers["access-control-allow-methods"].split(", ")
    assert "Authorization" in answer.headers["access-control-allow-headers"]


@every
def test_who_may_not_come_is_told_why(door: Asking, one: Mounted) -> None:
    auth = one.route.auth
    nobody, forged = door.send(one, token=None), door.send(one, token=FORGED)

    if auth in {Auth.USER, Auth.ADMIN}:
        assert is_problem(nobody, 401, "unauthenticated")
        assert nobody.headers["www-authenticate"].startswith("Bearer")
    elif auth is not Auth.SIGNATURE:
        assert nobody.status_code not in {401, 403}
    if auth is Auth.PUBLIC:
        assert came_in(one, forged)
    elif auth is not Auth.SIGNATURE:
        assert is_problem(forged, 401, "token-invalid")
        assert 'error="invalid_token"' in forged.headers["www-authenticate"]


@every
def test_a_token_opens_what_it_is_for_and_nothing_else(door: Asking, one: Mounted) -> None:
    expired = door.authority.token(exp=1_700_000_000)
    viewer = door.send(one, token=door.authority.token())

    if one.route.auth in {Auth.OPTIONAL, Auth.USER, Auth.ADMIN}:
        assert is_problem(door.send(one, token=expired), 401, "token-expired")
    if one.route.auth is Auth.ADMIN:
        assert is_problem(viewer, 403)
    if one.route.scopes:
        assert is_problem(door.send(one, token=door.authority.token(scope="none")), 403)
    assert came_in(one, door.send(one))


@pytest.mark.behavior("identity:5.9:limits")
@every
def test_quotas_are_those_of_the_route(stingy: Asking, one: Mounted) -> None:
    caller: dict[str, Any] = {"headers": newcomer()}
    if stingy.token(one):
        someone = f"7d0f6f7e-3f0a-4a52-9c0b-{token_hex(6)}"
        sub = VIEWER if one.route.operation == "get_profile" else someone
        scopes = {"scope": " ".join(one.route.scopes)} if one.route.scopes else {}
        caller["token"] = stingy.authority.admin(sub=sub, **scopes)

    answers = [stingy.send(one, **caller) for _ in range(3)]

    if not one.is_limited:
        assert all(came_in(one, each) and "ratelimit" not in each.headers for each in answers)
        return
    assert came_in(one, answers[0])
    assert is_problem(answers[-1], 429, "rate-limited")
    assert int(answers[-1].headers["retry-after"]) >= 1
    for answer in (answers[0], answers[-1]):
        policies = [each.split(";")[0] for each in answer.headers["ratelimit-policy"].split(",")]
        assert ('"day"' in policies) == (one.route.auth is not Auth.SIGNATURE)
        assert one.route.rate is None or f'"{one.route.rate}"' in policies
        assert answer.headers["ratelimit"]
        assert answer.headers.keys() >= {"x-ratelimit-limit", "x-ratelimit-remaining"}
    if "token" not in caller:
        assert came_in(one, stingy.send(one, headers=newcomer()))


@every
def test_an_answer_may_be_kept_as_long_as_the_route_says(door: Asking, one: Mounted) -> None:
    answer = door.send(one)
    control = answer.headers.get("cache-control", "no-store")

    if one.route.cache_seconds == 0 or one.route.operation in UNOWNED:
        assert "public" not in control
        assert "s-maxage" not in control
        return
    assert "public" in control
    assert 0 < longest(control) <= one.route.cache_seconds * 1.1
    known = door.send(one, headers={"if-none-match": f'"other", {answer.headers["etag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == answer.headers["etag"]
    assert known.headers.keys() >= {"cache-control", "vary", "x-request-id"}
    if one.is_forwarded:
        assert (known.headers["x-cache"], "age" in known.headers) == ("HIT", True)


def longest(control: str) -> int:
    """Return the longest time that a Cache-Control field names."""
    pairs = [each.strip().partition("=") for each in control.split(",")]
    return max(int(value) for name, _, value in pairs if name in {"max-age", "s-maxage"})


@pytest.mark.parametrize("one", [e for e in ROUTES if e.route.method == "GET"], ids=named)
def test_the_head_of_an_answer_can_be_had_alone(door: Asking, one: Mounted) -> None:
    answer, head = door.send(one), door.send(one, "HEAD")

    assert (head.status_code, head.content) == (answer.status_code, b"")
    assert head.headers.get("content-type") == answer.headers.get("content-type")
    assert head.headers.get("etag") == answer.headers.get("etag")


@every
def test_a_body_over_the_routes_limit_is_refused(door: Asking, one: Mounted) -> None:
    answer = door.send(one, content=b" " * (one.route.body_limit + 1))

    assert is_problem(answer, 413, "too-large")


@every
def test_another_method_is_told_which_the_path_takes(door: Asking, one: Mounted) -> None:
    taken = {each.route.method for each in ROUTES if each.route.path == one.route.path}
    answer = door.send(one, min({"PUT", "PATCH", "POST"} - taken))

    assert is_problem(answer, 405, "method-not-allowed")
    assert one.route.method in answer.headers["allow"].split(", ")


@pytest.mark.parametrize("one", READING, ids=named)
def test_a_parameter_that_is_not_known_is_named(door: Asking, one: Mounted) -> None:
    token = door.token(one)
    head = {"authorization": f"Bearer {token}"} if token else {}
    answer = door.client.get(f"{door.target(one)}&surprise=1", headers=head)

    assert is_problem(answer, 422, "invalid-input")
    assert [issue["field"] for issue in answer.json()["errors"]] == ["surprise"]


@forwarded
def test_nothing_internal_passes_either_way(
    watched: Asking, service: gateways.Service, one: Mounted
) -> None:
    service.headers = {**LEAKED, "cache-control": "no-store"}
    service.seen.clear()

    answer = watched.send(one, headers=INTERNAL)

    assert answer.is_success, answer.text
    # Before and after it the gateway may ask anew for what stands in.
    seen = next(s for s in service.seen if s["x-request-id"] == answer.headers["x-request-id"])
    forged = {name for name, value in INTERNAL.items() if seen.get(name) == value}
    assert not forged
    assert seen["x-serverless-authorization"].startswith("Bearer ey")
    assert 0 < int(seen["x-request-deadline-ms"]) <= one.manifest.timeout_seconds * 1000
    assert not {name for name, value in LEAKED.items() if answer.headers.get(name) == value}
    cookie = {"set-cookie"} if one.route.page else set()
    assert set(answer.headers) <= RESPONSE_HEADERS | SECURITY_HEADERS.keys() | TOLD | cookie
