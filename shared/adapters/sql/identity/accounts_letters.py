"""Letters on their way out: each event of ``mail.requested`` becomes one mail, or none."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.adapters.sql.identity import one_time
from shared.adapters.sql.identity.accounts import BY_EMAIL, BY_ID, to_account
from shared.adapters.sql.once import first_time
from shared.adapters.sql.statement import translated
from shared.identity.mail import Asked, letter_for, write
from shared.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from shared.adapters.sealing import Sealer
    from shared.identity.accounts import Account, Purpose
    from shared.identity.mail import Mailer
    from shared.kernel.clock import Clock
    from shared.kernel.events import Event

CONSUMER = "identity-mail"
KEY = "identity-key"
"""Secret with the keys that seal addresses on their way."""
TOKEN_BYTES = 32
WHAT = "mail"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LetterWriter:
    """Writes letters and hands them to a mailer.

    Attributes:
        sealer: Opens addresses; asked for when there is one to open.
        pages: Address of the pages that take a token, or empty.
    """

    engine: Engine
    mailer: Mailer
    sealer: Callable[[], Sealer]
    clock: Clock
    pages: str

    def deliver(self, event: Event) -> None:
        """Send the letter that an event asks for; again, it sends nothing.

        The event is done, and its code good, when the mail was taken. A process that dies in
        between leaves a mail whose code is none; the event comes again and its mail has a good one.

        Raises:
            MailRefusedError: The mailbox does not take it.
            UnavailableError: The mail server, or the database, does not answer.
        """
        asked, user_id = _read(event)
        account = self._account(event, user_id)
        letter = letter_for(asked, account, user_id)
        if account is None or letter is None:
            logger.info("mail.not_needed", extra={"event": str(event.event_id), "asked": asked})
            return
        with translated(WHAT), self.engine.begin() as connection:
            if first_time(connection, CONSUMER, event.event_id):
                token = self._token(connection, letter.purpose, account)
                self.mailer.send(
                    write(letter, account, event.event_id, token=token, pages=self.pages)
                )
                logger.info("mail.sent", extra={"event": str(event.event_id), "letter": letter})

    def purge(self) -> int:
        """Forget tokens that ended long ago; returns how many."""
        with translated(WHAT), self.engine.begin() as connection:
            return one_time.purge(connection, self.clock.now())

    def _account(self, event: Event, user_id: str) -> Account | None:
        sealed = str(event.data.get("sealed_email", ""))
        if sealed:
            email = self.sealer().open(sealed, place=str(event.event_id))
            what, given = BY_EMAIL(), {"email": email}
        else:
            what, given = BY_ID(), {"user_id": user_id}
        with translated(WHAT), self.engine.connect() as connection:
            row = connection.execute(what, given).first()
        return None if row is None else to_account(row)

    def _token(self, connection: Connection, purpose: Purpose | None, account: Account) -> str:
        if purpose is None:
            return ""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        one_time.add(connection, token, purpose, account.id, now=self.clock.now())
        return token


def _read(event: Event) -> tuple[Asked, str]:
    try:
        return Asked(event.data["asked"]), str(event.data.get("user_id", ""))
    except (KeyError, ValueError):
        raise InvalidInputError("the event asks for no letter that there is") from None
