"""What the gateway says of the platform and of itself, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from shared.adapters import probes
from shared.adapters.functions import Answer as Answered
from shared.runtime import front, viewer
from tests.fakes.edge import Answer, ask, load
from tests.fakes.surroundings import change, surroundings
from tests.fakes.tokens import Authority, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

ROUTES = [
    {
        "service": service,
        "area": "catalog",
        "method": "GET",
        "path": f"/{service}",
        "auth": "public",
        "timeout_seconds": 5,
        "body_limit": 10,
    }
    for service in ("catalog-read", "sync-state")
]
ILL = b'{"status":"unhealthy","components":{"database":{"status":"unhealthy"}}}'


class Services:
    """Answers `Functions.call` as told."""

    def __init__(self) -> None:
        self.ill: set[str] = set()

    async def call(self, service: str, *_words: object, **_named: object) -> Answered:
        """Return how a service is."""
        ill = service in self.ill
        return Answered(503 if ill else 200, {}, ILL if ill else b'{"status":"healthy"}')


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    """The services behind the gateway; Redis is well too."""
    made = Services()
    monkeypatch.setattr(front, "Functions", lambda: made)

    def redis() -> None:
        """Be there."""

    monkeypatch.setattr(probes, "redis", redis)
    return made


@pytest.fixture
def authority() -> Iterator[Authority]:
    """Who signs tokens here."""
    found = Authority()
    with serving(found) as found.url:  # type: ignore[attr-defined]
        yield found


@pytest.fixture
def gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority, services: Services
) -> Iterator[ModuleType]:
    """The gateway of a deployed platform."""
    assert not services.ill
    (tmp_path / "routes.json").write_bytes(orjson.dumps(ROUTES))
    for name in ("openapi.json", "llms.txt"):
        (tmp_path / name).write_bytes(b"{}")
    with surroundings("", tmp_path, monkeypatch):
        change(
            monkeypatch,
            {
                "MEDIA_GATEWAY_ENVIRONMENT": "prod",
                "MEDIA_GATEWAY_ISSUER": authority.issuer,
                "MEDIA_GATEWAY_JWKS_URL": authority.url,  # type: ignore[attr-defined]
            },
        )
        yield load("gateway")


async def get(gateway: ModuleType, target: str, token: str = "") -> Answer:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await ask(gateway.handle, "GET", target, headers=headers)


PLACES = ("/health", "/api/v1/status", "/health/aggregate")


@pytest.mark.parametrize("place", PLACES)
async def test_strangers_learn_the_status_alone(gateway: ModuleType, place: str) -> None:
    answer = await get(gateway, place)

    assert (answer.status, answer.json) == (200, {"status": "healthy"})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("ill", "code", "status"),
    [("sync-state", 200, "degraded"), ("catalog-read", 503, "unhealthy")],
)
async def test_a_core_service_that_is_ill_is_the_platforms_illness(
    gateway: ModuleType, services: Services, place: str, ill: str, *, code: int, status: str
) -> None:
    services.ill = {ill}
    answer = await get(gateway, place)
    assert (answer.status, answer.json) == (code, {"status": status})


async def test_administrators_are_told_of_each_service_and_what_the_gateway_stands_on(
    gateway: ModuleType, services: Services, authority: Authority
) -> None:
    services.ill = {"sync-state"}

    answer = await get(gateway, "/health/aggregate", authority.admin())

    found = answer.json["components"]
    assert {name: (c["status"], c["critical"]) for name, c in found.items()} == {
        "catalog-read": ("healthy", True),
        "redis": ("healthy", False),
        "sync-state": ("unhealthy", False),
    }
    assert found["sync-state"]["message"] == "not healthy: database"
    assert front.PlatformDetails.model_validate(answer.json).status == "degraded"


async def test_viewers_are_strangers_here_and_bad_tokens_are_refused(
    gateway: ModuleType, authority: Authority
) -> None:
    assert (await get(gateway, "/health/aggregate", authority.token())).json.keys() == {"status"}
    assert (await get(gateway, "/health/aggregate", "x.y.z")).status == 401


async def test_the_page_names_services_to_administrators_only(
    gateway: ModuleType, authority: Authority
) -> None:
    shown = (await get(gateway, "/dashboard/health", authority.admin())).body
    hidden = (await get(gateway, "/dashboard/health")).body

    assert b"sync-state" in shown
    assert b"sync-state" not in hidden
    assert b"Administrators are shown each service." in hidden


async def test_a_gateway_is_ready_when_it_has_its_routes_and_keys(
    gateway: ModuleType, authority: Authority, tmp_path: Path
) -> None:
    authority.answer = (503, {}, b"")
    (tmp_path / "routes.json").rename(tmp_path / "elsewhere")
    assert (await get(gateway, "/health/ready")).status == 503
    (tmp_path / "elsewhere").rename(tmp_path / "routes.json")
    assert (await get(gateway, "/ready")).status == 503
    assert (await get(gateway, "/liveness")).status == 200

    authority.answer = None
    viewer.reset()  # in a second it would ask again by itself

    assert (await get(gateway, "/ready")).status == 200


async def test_a_gateway_whose_services_are_gone_is_ready(
    gateway: ModuleType, services: Services
) -> None:
    services.ill = {"catalog-read", "sync-state"}
    assert (await get(gateway, "/health/ready")).json == {"status": "healthy"}


async def test_keys_that_only_the_issuer_names_are_not_waited_for(
    gateway: ModuleType, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.answer = (503, {}, b"")
    change(monkeypatch, {"MEDIA_GATEWAY_JWKS_URL": ""})
    assert (await get(gateway, "/health/ready")).status == 200


@pytest.mark.parametrize("place", ["/swagger-ui", "/api-docs/openapi.json"])
async def test_the_api_is_described_in_production_only_where_it_was_said(
    gateway: ModuleType, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert (await get(gateway, place)).status == 404
    assert (await get(gateway, "/llms.txt")).status == 200
    for environment, said, status in (("prod", "on", 200), ("dev", "", 200), ("dev", "off", 404)):
        given = {"MEDIA_GATEWAY_ENVIRONMENT": environment, "MEDIA_GATEWAY_API_DOCS": said}
        change(monkeypatch, given)
        assert (await get(gateway, place)).status == status
