"""Accounts: table ``app_user``, with the tokens that were mailed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.identity import one_time
from shared.adapters.sql.identity.sessions import END_ALL, OUTDATE
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import statement, translated
from shared.identity.accounts import Account, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, TextClause

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import NewAccount, PasswordChange, Told
    from shared.identity.revocations import Revocations

BY_EMAIL = statement(__file__, "accounts_by_email")
BY_ID = statement(__file__, "accounts_by_id")
ADD = statement(__file__, "accounts_add")
REHASH = statement(__file__, "accounts_rehash")
SIGNED_IN = statement(__file__, "accounts_signed_in")
SET_PASSWORD = statement(__file__, "accounts_set_password")
VERIFIED = statement(__file__, "accounts_verified")
WHAT = "accounts"


class SqlAccounts:
    """`shared.identity.accounts.Accounts`; each call that writes is one transaction.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        revocations: Tells services which sessions ended.
        engine: Of the transactions.
    """

    def __init__(
        self,
        publisher: Publisher,
        revocations: Revocations,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._revocations, self._engine = revocations, engine
        self._told = Telling(WHAT, publisher, engine)

    def by_email(self, email: str) -> Account | None:
        """Return the account of a normalized address."""
        return self._one(BY_EMAIL(), {"email": email})

    def by_id(self, user_id: str) -> Account | None:
        """Return an account."""
        return self._one(BY_ID(), {"user_id": user_id})

    def _one(self, what: TextClause, given: dict[str, Any]) -> Account | None:
        with translated(WHAT), self._engine().connect() as connection:
            row = connection.execute(what, given).first()
        return None if row is None else to_account(row)

    def add(self, account: NewAccount, told: Told) -> None:
        """Keep a new account; where its address has one already, only `told` is written."""
        self._told.write(told, lambda connection: connection.execute(ADD(), vars(account)))

    def ask(self, told: Told) -> None:
        """Write what is to be told, and nothing else."""
        self._told.write(told, lambda _connection: None)

    def signed_in(self, account: Account, told: Told, *, at: datetime) -> None:
        """Note a sign-in."""
        given = {"user_id": account.id, "at": at}
        self._told.write(told, lambda connection: connection.execute(SIGNED_IN(), given))

    def rehash(self, kept: Account, rehashed: Account) -> None:
        """Keep a new hash of the same password, unless the password was changed meanwhile."""
        hashes = {"kept": kept.password_hash, "rehashed": rehashed.password_hash}
        with translated(WHAT), self._engine().begin() as connection:
            connection.execute(REHASH(), {"user_id": kept.id, **hashes})

    def owner_of(self, token: str, purpose: Purpose, now: datetime) -> Account:
        """Return whose a mail's token is; see `shared.identity.accounts.Accounts`."""
        with translated(WHAT), self._engine().connect() as connection:
            return to_account(one_time.owner(connection, token, purpose, now))

    def verify(self, token: str, told: Told, *, now: datetime) -> None:
        """Use a token up: its account's address is verified."""

        def work(connection: Connection) -> None:
            owner = one_time.take(connection, token, Purpose.VERIFY, now)
            connection.execute(VERIFIED(), {"user_id": owner, "now": now})

        self._told.write(told, work)

    def reset(self, token: str, password_hash: str, told: Told, change: PasswordChange) -> int:
        """Use a token up: its account has a new password; returns how many sessions ended."""

        def work(connection: Connection) -> tuple[list[str], int | None]:
            one_time.take(connection, token, Purpose.RESET, change.now)
            return _set_password(connection, password_hash, change, proven=True)

        return self._told_of(change.user_id, *self._told.write(told, work))

    def change(self, password_hash: str, told: Told, change: PasswordChange) -> int:
        """Give an account a new password; returns how many sessions ended."""
        ended = self._told.write(
            told, lambda connection: _set_password(connection, password_hash, change, proven=False)
        )
        return self._told_of(change.user_id, *ended)

    def _told_of(self, user_id: str, ended: list[str], version: int | None) -> int:
        if version is not None:
            self._revocations.version(user_id, version)
        self._revocations.sessions(ended)
        return len(ended)


def _set_password(
    connection: Connection, password_hash: str, change: PasswordChange, *, proven: bool
) -> tuple[list[str], int | None]:
    """Write a password and end what the old one opened; returns sessions, and the new version."""
    who = {"user_id": change.user_id, "now": change.now}
    connection.execute(SET_PASSWORD(), {**who, "password_hash": password_hash, "proven": proven})
    one_time.spend(connection, change.user_id, Purpose.RESET, change.now)
    kept = change.kept_session or None
    version = None if kept else connection.execute(OUTDATE(), who).scalar_one_or_none()
    ended = connection.execute(END_ALL(), {**who, "kept": kept, "reason": change.reason})
    return [str(each) for each in ended.scalars()], version


def to_account(row: Any) -> Account:  # noqa: ANN401 - a row
    """Return the account that a row is."""
    return Account(
        id=str(row.id),
        email=row.email,
        email_verified=row.email_verified,
        password_hash=row.password_hash,
        display_name=row.name,
        region=row.region,
        role=row.role,
        tier=row.tier,
        status=row.status,
        version=row.token_version,
    )
