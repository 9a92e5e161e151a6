"""Applications that describe themselves: fetched with care, shown with their host, never ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.adapters import connect
from shared.adapters.egress import Egress
from shared.adapters.oauth.client_documents import ClientDocuments
from shared.adapters.oauth.directory import ClientDirectory
from shared.adapters.sql.identity.clients import SqlClients
from shared.identity.client_metadata import MOST_BYTES
from shared.runtime import authorizing
from tests.fakes.authorize_house import SCOPE, AuthorizeHouse, parameters
from tests.fakes.client_documents import CALLBACK, ClientHost, client_host
from tests.fakes.identity_house import rows, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.edge import Answer
    from tests.fakes.identity_house import House


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ClientHost]:
    """Somebody's host."""
    with client_host(tmp_path) as running:
        yield running


@pytest.fixture
def house(identity: House, host: ClientHost, monkeypatch: pytest.MonkeyPatch) -> AuthorizeHouse:
    """Our endpoint, which may call loopback here."""
    egress = Egress(allow_loopback=True, trusted=host.trusted)
    clock = authorizing.clock
    found = ClientDirectory(SqlClients(), ClientDocuments(egress, clock), clock)
    monkeypatch.setattr(authorizing, "directory", lambda: found)
    return AuthorizeHouse(identity)


async def ask(house: AuthorizeHouse, host: ClientHost, cookie: str = "", **more: str) -> Answer:
    """Let the application ask."""
    wish = {"client_id": host.url, "redirect_uri": CALLBACK, **more}
    return await house.authorize(cookie, **wish)


async def allow(house: AuthorizeHouse, host: ClientHost) -> Answer:
    """Let the application in; returns the answer to its code."""
    cookie = house.sign_in()
    waits = (await ask(house, host, cookie)).headers["location"].partition("=")[2]
    back = parameters(house.desk().approve(waits, house.session(cookie), SCOPE.split()))
    return await house.exchange(back["code"], client_id=host.url, redirect_uri=CALLBACK)


@pytest.mark.behavior("oauth2:client-document:flow")
async def test_an_application_that_describes_itself_gets_what_its_user_allows(
    house: AuthorizeHouse, host: ClientHost
) -> None:
    answer = await ask(house, host, house.sign_in())
    page, _, waits = answer.headers["location"].partition("?request=")
    pending = house.desk().pending(waits)
    assert page == "/auth/consent"
    assert (pending.client_host, pending.client_name) == ("localhost", "Film notes")
    assert rows("SELECT client_id FROM oauth_client WHERE client_id LIKE 'https%'") == []

    tokens = await allow(house, host)
    assert tokens.status == 200, tokens.body
    assert tokens.json["scope"] == SCOPE
    refreshed = await house.house.refresh(tokens.json["refresh_token"], host.url)
    assert refreshed.status == 200, refreshed.body
    kept = rows("SELECT type, first_party FROM oauth_client WHERE client_id LIKE 'https%'")
    assert (kept, host.asked) == ([("public", False)], 1)


@pytest.mark.behavior("oauth2:client-document:validated")
async def test_a_document_that_is_not_good_makes_nobody(
    house: AuthorizeHouse, host: ClientHost
) -> None:
    good = host.document()
    for said in (
        host.document(client_id="https://bank.example/client.json"),
        host.document(redirect_uris=["javascript:alert(1)"]),
        host.document(token_endpoint_auth_method="client_secret_post"),  # noqa: S106 - a name
        b"no JSON",
        host.document(client_uri="x" * MOST_BYTES),
    ):
        host.said = said
        assert (await ask(house, host)).status == 400
    host.said = good
    for status in (302, 404, 500):
        host.status = status
        assert (await ask(house, host)).status == 400
    host.status, host.headers = 200, {"content-type": "text/html"}
    assert (await ask(house, host)).status == 400

    host.headers = {"content-type": "application/json"}
    assert (await ask(house, host)).status == 303


@pytest.mark.behavior("oauth2:client-document:kept-a-while")
async def test_a_document_is_kept_for_as_long_as_it_says(
    house: AuthorizeHouse, host: ClientHost
) -> None:
    for kept, life in (("max-age=7200", 7200), ("no-store, max-age=0", 300), ("", 3600)):
        connect.redis().flushall()
        host.asked, host.headers["cache-control"] = 0, kept
        for _ in range(3):
            assert (await ask(house, host)).status == 303
        (key,) = connect.redis().scan_iter("auth:client:*")
        assert host.asked == 1
        assert life - 5 <= int(str(connect.redis().ttl(key))) <= life


@pytest.mark.behavior("attacks:client:metadata-ssrf")
@pytest.mark.behavior("oauth2:client-document:no-inner-addresses")
@pytest.mark.usefixtures("identity")
def test_nobody_makes_us_call_ourselves(host: ClientHost) -> None:
    for url in (
        host.url,
        "https://127.0.0.1/client.json",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/client.json",
        "https://localhost:6379/client.json",
    ):
        found = ClientDocuments(Egress(trusted=host.trusted), authorizing.clock, connect.redis)
        assert found.find(url) is None, url
    assert host.asked == 0


async def test_an_operator_bars_an_application_that_describes_itself(
    house: AuthorizeHouse, host: ClientHost
) -> None:
    tokens = await allow(house, host)
    write("UPDATE oauth_client SET disabled = true WHERE client_id LIKE 'https%'")

    assert (await ask(house, host)).status == 400
    refreshed = await house.house.refresh(tokens.json["refresh_token"], host.url)
    assert refreshed.json["error"] == "invalid_client"
