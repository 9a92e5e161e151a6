"""The account functions over a real database and a real Redis, with a mailbox and a given clock."""

from __future__ import annotations

import re
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.password_hashing import Argon2Hasher
from shared.kernel.clock import FixedClock, SystemClock
from shared.runtime import accounts
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.identity_house import identity_house
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from email.message import EmailMessage
    from pathlib import Path

    import pytest

    from shared.kernel.events import Event
    from tests.fakes.identity_house import House

EMAIL = "nora@example.com"
PASSWORD = "seven tall windows"  # noqa: S105 - of tests
OTHER_PASSWORD = "eleven quiet rivers"  # noqa: S105 - of tests
NETWORK = "203.0.113.7"
PLACES = {
    "/api/v1/auth/password": "identity_password",
    "/api/v1/auth/sessions": "identity_sessions",
    "/auth/logout": "identity_sessions",
    "/api/v1/users/me": "identity_profile",
    "/api/v1/auth": "identity_accounts",
}
_CODE = re.compile(r"^[A-Za-z0-9_-]{43}$", re.MULTILINE)


class CountingHasher(Argon2Hasher):
    """A quick hasher that tells how often it was asked."""

    def __init__(self, *, memory_kib: int = 8, passes: int = 1) -> None:
        super().__init__(memory_kib=memory_kib, passes=passes)
        self.verified: list[bool] = []
        self.hashed = 0

    def hash(self, password: str) -> str:
        """Count a hash."""
        self.hashed += 1
        return super().hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """Count a comparison, and whether there was something to compare with."""
        self.verified.append(kept is not None)
        return super().verify(kept, password)


class Outgoing:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self) -> Outgoing:
        """Stand for the publisher's class as well."""
        return self

    def publish(self, events: Sequence[Event], _places: Sequence[object] = ()) -> None:
        """Take every event."""
        self.events.extend(events)


class AccountsHouse:
    """All account functions, one mailbox."""

    def __init__(self, mailbox: Path, outgoing: Outgoing, identity: House) -> None:
        self.mailbox, self.outgoing, self.identity = mailbox, outgoing, identity
        self.clock = FixedClock(SystemClock().now())
        self.hasher = CountingHasher()
        folders = {*PLACES.values(), "identity_mail"}
        self.functions = {folder: load(folder) for folder in sorted(folders)}
        for module in self.functions.values():
            module.clock = self.clock  # type: ignore[attr-defined]
        self.use(self.hasher)

    def use(self, hasher: CountingHasher) -> None:
        """Let both functions that see passwords keep them with a hasher."""
        self.hasher = hasher
        rules = accounts.AccountRules(self.clock, hasher)
        for folder in ("identity_accounts", "identity_password"):
            self.functions[folder].rules = lambda: rules  # type: ignore[attr-defined]
        self.functions["identity_accounts"].signing_in.cache_clear()

    async def ask(
        self,
        method: str,
        path: str,
        said: Mapping[str, Any] | None = None,
        *,
        bearer: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the function whose path it is."""
        folder = next(name for start, name in PLACES.items() if path.startswith(start))
        body = b"" if said is None else orjson.dumps(said)
        whole = {"x-client-network": NETWORK, **(headers or {})}
        if bearer:
            whole["authorization"] = f"Bearer {bearer}"
        return await ask(self.functions[folder].handle, method, path, body=body, headers=whole)

    async def post(self, name: str, *, bearer: str = "", **said: Any) -> Answer:  # noqa: ANN401 - JSON
        """Post to an account endpoint."""
        return await self.ask("POST", f"/api/v1/auth/{name}", said, bearer=bearer)

    async def register(self, **changes: Any) -> Answer:  # noqa: ANN401 - any field
        """Ask for an account."""
        usual = {
            "email": EMAIL,
            "password": PASSWORD,
            "display_name": "Nora",
            "age_confirmed": True,
        }
        return await self.post("register", **{**usual, **changes})

    async def log_in(self, **changes: Any) -> Answer:  # noqa: ANN401 - any field
        """Sign in."""
        return await self.post("login", **{"email": EMAIL, "password": PASSWORD, **changes})

    async def delivered(self) -> list[EmailMessage]:
        """Bring every event to the mail function, twice, and return the new mails."""
        known = set(self.mailbox.glob("*.eml"))
        for event in self.outgoing.events * 2:
            await self.push(event)
        self.outgoing.events.clear()
        new = sorted(set(self.mailbox.glob("*.eml")) - known)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in new]

    async def push(self, event: Event) -> int:
        """Bring one event to the mail function; returns its status."""
        main = self.functions["identity_mail"]
        return (await ask(main.handle, "POST", "/", body=pushed(event))).status

    async def code(self) -> str:
        """Return the code of the one mail that is on its way."""
        (mail,) = await self.delivered()
        return code_of(mail)

    async def member(self) -> None:
        """Register and verify."""
        assert (await self.register()).status == 202
        answer = await self.post("verify-email", token=await self.code())
        assert answer.status == 204, answer.body

    async def tokens(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
        """Sign in and return what that gave."""
        answer = await self.log_in(**changes)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found


def code_of(mail: EmailMessage) -> str:
    """Return the code that a mail carries."""
    body = mail.get_body(("plain",))
    assert body is not None
    (found,) = _CODE.findall(body.get_content())
    return str(found)


@contextmanager
def accounts_house(
    patch: pytest.MonkeyPatch, redis_url: str, mailbox: Path
) -> Iterator[AccountsHouse]:
    """Let this process be the account functions."""
    outgoing = Outgoing()
    patch.setattr(accounts, "PubSubPublisher", outgoing)
    with identity_house(patch, redis_url) as identity:
        change(patch, {"MEDIA_GATEWAY_MAIL_URL": str(mailbox)})
        made = AccountsHouse(mailbox, outgoing, identity)
        yield made
        letters = made.functions["identity_mail"].writer
        if letters.cache_info().currsize:
            letters().engine.dispose()  # which outlives a change of the environment
