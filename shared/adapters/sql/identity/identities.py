"""Accounts elsewhere that open one here: table ``identity``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql import audit
from shared.adapters.sql.identity.accounts import BY_EMAIL, to_account
from shared.adapters.sql.identity.telling import CHAIN
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.identity.federation import LastWayInError, Linked, ProviderUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, TextClause

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Account, Told
    from shared.identity.federation import NewUser, Person

OWNER = statement(__file__, "identities_owner")
REGISTER = statement(__file__, "identities_register")
ADD = statement(__file__, "identities_add")
OF = statement(__file__, "identities_of")
HOLD = statement(__file__, "sessions_owner")
WAYS = statement(__file__, "identities_ways")
REMOVE = statement(__file__, "identities_remove")
WHAT = "identities"


class SqlIdentities:
    """`shared.identity.federation.Identities`; each call that writes is one transaction.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        engine: Of the transactions.
    """

    def __init__(self, publisher: Publisher, engine: Callable[[], Engine] = connect.engine) -> None:
        self._publisher, self._engine = publisher, engine

    def owner(self, provider: str, subject: str) -> Account | None:
        """Return the account that one elsewhere opens."""
        return self._one(OWNER(), {"provider": provider, "subject": subject})

    def by_email(self, email: str) -> Account | None:
        """Return the account of a normalized address."""
        return self._one(BY_EMAIL(), {"email": email})

    def register(self, person: Person, user: NewUser, told: Told) -> bool:
        """Make an account and link it; False where address or identity has one by now."""
        now = user.created_at
        made = {"user_id": user.id, "email": person.email, "display_name": user.display_name}

        def work(connection: Connection) -> bool:
            new = connection.execute(REGISTER(), {**made, "now": now}).rowcount
            return bool(new) and _add(connection, person, user.id, now)

        return self._write(told, work)

    def link(self, person: Person, user_id: str, told: Told, *, now: datetime) -> bool:
        """Link an account; see `shared.identity.federation.Identities`."""
        if self._write(told, lambda connection: _add(connection, person, user_id, now)):
            return True
        owner = self.owner(person.provider, person.subject)
        return owner is not None and owner.id == user_id

    def of(self, user_id: str) -> Sequence[Linked]:
        """Return the providers that open an account, by name."""
        with translated(WHAT), self._engine().connect() as connection:
            rows = connection.execute(OF(), {"user_id": user_id}).all()
        return [Linked(row.provider, row.email_at_link, row.linked_at) for row in rows]

    def unlink(self, provider: str, user_id: str, told: Told) -> None:
        """Forget a provider's account; see `shared.identity.federation.Identities`."""
        which = {"provider": provider, "user_id": user_id}

        def work(connection: Connection) -> bool:
            connection.execute(HOLD(), {"user_id": user_id})
            others = connection.execute(WAYS(), which).scalar_one_or_none()
            if not connection.execute(REMOVE(), which).rowcount:
                raise ProviderUnknownError(f"no account at {provider} opens this one")
            if not others:
                raise LastWayInError("set a password first: nothing else opens the account")
            return True

        self._write(told, work)

    def _write(self, told: Told, work: Callable[[Connection], bool]) -> bool:
        """Write what the work does and what is told; nothing of both where it says False."""
        with translated(WHAT), self._engine().connect() as connection:
            if not work(connection):
                return False
            rows = Outbox.add(connection, told.events)
            audit.write(connection, told.act, chain=CHAIN)
            connection.commit()
        if rows:
            publish_now(self._engine(), self._publisher, rows)
        return True

    def _one(self, what: TextClause, given: dict[str, Any]) -> Account | None:
        with translated(WHAT), self._engine().connect() as connection:
            row = connection.execute(what, given).first()
        return None if row is None else to_account(row)


def _add(connection: Connection, person: Person, user_id: str, now: datetime) -> bool:
    whose = {"provider": person.provider, "subject": person.subject, "user_id": user_id}
    given = {**whose, "email": person.email, "now": now}
    return bool(connection.execute(ADD(), given).rowcount)
