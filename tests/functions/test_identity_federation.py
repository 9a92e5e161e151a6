"""Signing in with an account elsewhere: whole ways through, and whose account it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.fakes.federation_house import HOME, NORA, FederationHouse, federation_house
from tests.fakes.identity_house import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.identity_house import House

ADA_EMAIL = "ada@example.com"
ALL = ("google", "github", "apple", "example")


@pytest_asyncio.fixture
async def house(identity: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FederationHouse]:
    """The federation function and the fakes."""
    assert identity.tokens
    async with federation_house(monkeypatch) as made:
        made.chosen(NORA)
        yield made


@pytest.mark.parametrize("provider", ALL)
async def test_somebody_new_gets_an_account_and_a_session_of_their_browser(
    house: FederationHouse, provider: str
) -> None:
    browser = house.browser()

    answer = await browser.sign_in(provider)

    assert (answer.status, answer.headers["location"]) == (303, HOME)
    assert answer.headers["cache-control"] == "no-store"
    found = rows(
        "SELECT u.email, u.name, u.email_verified, u.password_hash, i.provider, i.subject"
        " FROM app_user AS u INNER JOIN identity AS i ON i.user_id = u.id"
    )
    assert found == [("nora@example.com", "Nora Lund", True, None, provider, "77")]
    assert browser.session().methods == ("fed",)
    acts = [action for (action,) in rows("SELECT action FROM audit.audit_log ORDER BY number")]
    assert acts == ["USER_REGISTER", "AUTH_LOGIN"]
