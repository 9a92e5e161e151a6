"""Letters on their way out: each once, none lost, what cannot be sent set aside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.adapters import connect
from shared.adapters.sealing import sealer
from shared.adapters.sql.identity.accounts_letters import KEY
from shared.identity.mail import Asked, MailRefusedError, Message, requested
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from shared.runtime.events import TICK
from tests.fakes.accounts_house import EMAIL, AccountsHouse
from tests.fakes.identity_house import rows
from tests.fakes.surroundings import change


class Mailbox:
    """A mailer that takes mail, or says why not."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.error: Exception | None = None

    def send(self, message: Message) -> None:
        """Take a mail."""
        if self.error is not None:
            raise self.error
        self.taken.append(message)


@pytest.fixture
async def house(accounts: AccountsHouse) -> AccountsHouse:
    """The functions, with one member who forgot the password."""
    await accounts.member()
    await accounts.post("password/forgot", email=EMAIL)
    return accounts


@pytest.fixture
def mailbox(house: AccountsHouse) -> Mailbox:
    """What the mail function hands mail to."""
    made, main = Mailbox(), house.functions["identity_mail"]
    main.mailer_at = lambda *_place, **_more: made  # type: ignore[attr-defined]
    main.writer.cache_clear()
    return made


def codes() -> list[tuple[Any, ...]]:
    """Return how many codes are good."""
    return rows("SELECT count(*) FROM one_time_token WHERE used_at IS NULL")


async def test_a_mail_that_is_not_taken_now_comes_again_with_another_code(
    house: AccountsHouse, mailbox: Mailbox
) -> None:
    (event,) = house.outgoing.events
    mailbox.error = UnavailableError("the mail server does not answer")
    assert (await house.push(event), codes()) == (503, [(0,)])

    mailbox.error = None
    assert [await house.push(event) for _ in range(3)] == [204] * 3
    assert ([mail.id for mail in mailbox.taken], codes()) == ([str(event.event_id)], [(1,)])


async def test_a_mail_that_is_never_taken_is_set_aside_without_address_or_code(
    house: AccountsHouse, mailbox: Mailbox
) -> None:
    (event,) = house.outgoing.events
    mailbox.error = MailRefusedError("the mail server does not take the recipient: 550")

    assert (await house.push(event), codes()) == (204, [(0,)])
    ((reason, payload),) = rows("SELECT reason, payload FROM rejected_event")
    assert reason.startswith("mail-refused")
    assert EMAIL.encode() not in bytes(payload)


async def test_an_event_that_asks_for_nothing_there_is_gets_set_aside(
    house: AccountsHouse, mailbox: Mailbox
) -> None:
    odd = house.outgoing.events[0].model_copy(update={"data": {"asked": "a favor"}})

    assert await house.push(odd) == 204
    assert rows("SELECT count(*) FROM rejected_event") == [(1,)]
    assert mailbox.taken == []


@pytest.mark.behavior("attacks:asvs:6.2.1")
async def test_an_address_that_was_sealed_for_another_event_is_not_opened(
    house: AccountsHouse, mailbox: Mailbox
) -> None:
    (event,) = house.outgoing.events
    moved = event.model_copy(update={"event_id": UUID(int=9)})

    assert await house.push(moved) == 503
    assert mailbox.taken == []


async def test_an_account_that_is_gone_meanwhile_is_sent_nothing(
    house: AccountsHouse, mailbox: Mailbox
) -> None:
    made, now = UUID(int=5), house.clock.now()
    sealed = sealer(KEY).seal("gone@example.com", place=str(made))
    events = [
        requested(Asked.RESET, made, now, sealed=sealed),
        requested(Asked.PASSWORD_CHANGED, UUID(int=6), now, user_id=str(UUID(int=7))),
    ]

    assert [await house.push(event) for event in events] == [204, 204]
    assert mailbox.taken == []


async def test_with_pages_a_mail_leads_to_them(
    house: AccountsHouse, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_MAIL_PAGES": "https://app.example/account"})
    assert await house.push(house.outgoing.events[0]) == 204
    assert "https://app.example/account/reset-password#token=" in mailbox.taken[0].text


async def test_on_schedule_old_codes_are_forgotten(house: AccountsHouse, mailbox: Mailbox) -> None:
    await house.push(house.outgoing.events[0])
    assert len(mailbox.taken) == 1
    with connect.engine().begin() as connection:
        old = "UPDATE one_time_token SET expires_at = expires_at - interval '30 days'"
        connection.exec_driver_sql(old)
    tick = Event(
        event_id=UUID(int=8), event_type=TICK, occurred_at=house.clock.now(),
        correlation_id="test", data={},
    )  # fmt: skip

    assert await house.push(tick) == 204
    assert rows("SELECT count(*) FROM one_time_token") == [(0,)]
