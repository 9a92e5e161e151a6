"""Our own pages over a real database and a real Redis, and a browser that keeps cookies."""

from __future__ import annotations

import re
from contextlib import contextmanager
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from functions.manifest import read_all
from shared.adapters.federation import configured
from shared.identity.browser import form_token
from shared.runtime import browser
from shared.runtime.pages_access import AccessPages
from shared.runtime.pages_account import AccountPages
from shared.runtime.pages_avatar import AvatarPages
from shared.runtime.pages_confirm import ConfirmPages
from shared.runtime.pages_decide import DecidePages
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_factor import FactorPages
from shared.runtime.pages_factors import FactorsPages
from shared.runtime.pages_household import HouseholdPages
from shared.runtime.pages_life import LifePages
from shared.runtime.pages_member import Members
from shared.runtime.pages_password import PasswordPages
from shared.runtime.pages_profile import ProfilePages
from shared.runtime.pages_register import RegisterPages
from shared.runtime.pages_sign_in import SignInPages
from tests.fakes.accounts_house import EMAIL, NETWORK, PASSWORD
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity_house import FORM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    import pytest

    from tests.fakes.accounts_house import AccountsHouse

FOLDERS = {
    route.path: folder
    for folder, manifest in read_all().items()
    for route in manifest.http
    if route.page
}
"""Of each page, by its path."""
BUTTONS = frozenset({"session", "browser", "consent", "everything", "id", "provider", "do"})
"""Fields of pages that have a form for each thing that can be ended."""
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class PagesHouse:
    """The functions that show pages, and one account."""

    def __init__(self, accounts: AccountsHouse) -> None:
        self.accounts = accounts
        self.desk = PageDesk(accounts.clock, accounts.hasher)
        self.members = members = Members(self.desk)
        self.household = HouseholdPages(self.desk, members)
        self.modules = {folder: load(folder) for folder in set(FOLDERS.values())}
        own = self.modules["identity_account_pages"]
        made: dict[str, dict[str, Any]] = {
            "identity_pages": {
                "pages": SignInPages(self.desk),
                "factors": FactorPages(self.desk),
            },
            "identity_account_pages": {
                "deciding": DecidePages(self.desk),
                "account": AccountPages(self.desk, own.account.consents),
            },
            "identity_register_pages": {"registering": RegisterPages(self.desk)},
            "identity_password_pages": {"passwords": PasswordPages(self.desk, members)},
            "identity_factor_pages": {
                "confirming": ConfirmPages(self.desk, members),
                "factors": FactorsPages(self.desk, members),
            },
            "identity_life_pages": {"pages": LifePages(self.desk, members)},
            "identity_own_pages": {
                "profile": (profile := ProfilePages(self.desk, members)),
                "access": AccessPages(self.desk, members),
                "avatar": AvatarPages(self.desk, members, profile),
            },
            "identity_household_pages": {"pages": self.household},
        }
        for folder, given in made.items():
            vars(self.modules[folder]).update(given, desk=self.desk)

    def function(self, path: str) -> ModuleType:
        """Return the function whose path it is."""
        return self.modules[FOLDERS[path.partition("?")[0]]]


@contextmanager
def pages_house(
    patch: pytest.MonkeyPatch, accounts: AccountsHouse, *, providers: str = "[]"
) -> Iterator[PagesHouse]:
    """Let this process be the functions that show pages.

    Args:
        patch: Of the test.
        accounts: The account functions.
        providers: Text of the secret that names providers to sign in with.
    """
    patch.setattr(configured, "secret", lambda _reference: providers)
    configured.configured.cache_clear()
    made = PagesHouse(accounts)
    yield made
    configured.configured.cache_clear()


def without_marks(page: str) -> str:
    """Return what stands on a page, without what differs between two browsers."""
    return re.sub(r'(nonce|name="csrf" value)="[^"]*"', "", page)


class Browser:
    """Keeps one cookie, knows the page it is on, and follows where it is sent."""

    def __init__(self, pages: PagesHouse) -> None:
        self.pages, self.cookie, self.page, self.policy = pages, "", "", ""
        self.answer = Answer(0, {}, b"")

    async def get(self, path: str) -> Answer:
        """Open an address, without following where it leads."""
        return await self._send("GET", path, b"", {})

    async def post(
        self, path: str, headers: Mapping[str, str] | None = None, /, **sent: str
    ) -> Answer:
        """Send the form of the page that is open, filled in."""
        whole = {**self.hidden, **{name.replace("__", ":"): v for name, v in sent.items()}}
        return await self._send(
            "POST", path, urlencode(whole).encode(), {**FORM, **(headers or {})}
        )

    async def follow(self) -> str:
        """Go where the last answer sends the browser, as long as that is a page of ours."""
        while self.answer.status in {302, 303} and self.location.startswith("/"):
            await self.get(self.location)
        return self.page

    async def sign_in(self, path: str = "/auth/sign-in", **changed: str) -> Answer:
        """Open a page and sign in by a password."""
        await self.get(path)
        await self.follow()
        said = {"email": EMAIL, "password": PASSWORD, **changed}
        return await self.post("/auth/sign-in", **said)

    @property
    def location(self) -> str:
        """Where the last answer sends the browser."""
        return self.answer.headers.get("location", "")

    def fields(self, name: str) -> list[str]:
        """Return the values of hidden fields of one name, in the order of the page."""
        return [unescape(value) for found, value in _FIELD.findall(self.page) if found == name]

    @property
    def csrf(self) -> str:
        """What forms of this browser carry, as those of a page that was open before do."""
        return form_token(self.cookie)

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page that is open, but for those that differ by form."""
        found = {name: unescape(value) for name, value in _FIELD.findall(self.page)}
        return {name: value for name, value in found.items() if name not in BUTTONS}

    async def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        whole = {"x-client-network": NETWORK, "user-agent": "A browser", **headers}
        if self.cookie:
            whole["cookie"] = f"{browser.COOKIE}={self.cookie}"
        handle = self.pages.function(path).handle
        self.answer = await ask(handle, method, path, body=body, headers=whole)
        if given := self.answer.headers.get("set-cookie"):
            self.cookie = given.partition(";")[0].partition("=")[2]
        if self.answer.body:
            self.page = self.answer.body.decode()
            self.policy = self.answer.headers.get("content-security-policy", "")
        return self.answer
