"""Applications: table ``oauth_client``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.identity.clients import ApplicationTypeError, Client

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Engine, Row

FIND = statement(__file__, "clients_find")
REGISTER = statement(__file__, "clients_register")
KEEP = statement(__file__, "clients_keep")
BARRED = statement(__file__, "clients_barred")
LONGEST_ID = 500


class SqlClients:
    """`shared.identity.clients.Clients`; every call is one statement."""

    def __init__(
        self,
        reads: Callable[[], Engine] = connect.reads,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._reads, self._engine = reads, engine

    def find(self, client_id: str) -> Client | None:
        """Return an application, None where there is none or it is disabled.

        Raises:
            UnavailableError: The database does not answer.
        """
        if not client_id.isprintable() or len(client_id) > LONGEST_ID:
            return None
        with translated("oauth_client"), self._reads().connect() as connection:
            row = connection.execute(FIND(), {"client_id": client_id}).first()
        return None if row is None else to_client(row)

    def is_barred(self, client_id: str) -> bool:
        """Tell whether an application was disabled.

        Raises:
            UnavailableError: The database does not answer.
        """
        with translated("oauth_client"), self._reads().connect() as connection:
            return connection.execute(BARRED(), {"client_id": client_id}).first() is not None

    def keep(self, client: Client, now: datetime) -> bool:
        """Keep what an application says of itself; False where it was disabled, or is ours.

        Raises:
            UnavailableError: The database does not answer.
        """
        given = {"rows": _rows([client]), "now": now}
        with translated("oauth_client"), self._engine().begin() as connection:
            return connection.execute(KEEP(), given).first() is not None


def register(engine: Engine, clients: Sequence[Client], *, now: datetime) -> None:
    """Register applications, or what is new of them; all or none.

    Raises:
        ApplicationTypeError: One is registered as one that can, or cannot, keep a secret.
    """
    given = {"rows": _rows(clients), "now": now}
    with translated("oauth_client"), engine.begin() as connection:
        if connection.execute(REGISTER(), given).rowcount != len(clients):
            raise ApplicationTypeError(
                "an application that was public cannot be confidential, nor the reverse"
            )


def to_client(row: Row[Any]) -> Client:
    """Return the application that a row of ``oauth_client`` stands for."""
    return Client(
        client_id=row.client_id,
        name=row.name,
        grant_types=tuple(row.grant_types),
        scopes=tuple(row.allowed_scopes),
        idle=timedelta(seconds=row.idle_seconds),
        absolute=timedelta(seconds=row.absolute_seconds),
        secret_hash=None if row.secret_hash is None else bytes(row.secret_hash),
        rotation_limit=row.rotation_limit,
        redirect_uris=tuple(row.redirect_uris),
        first_party=row.first_party,
    )


def _rows(clients: Sequence[Client]) -> str:
    return orjson.dumps([_row(client) for client in clients]).decode()


def _row(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "type": "confidential" if client.is_confidential else "public",
        "secret_hash": client.secret_hash.hex() if client.secret_hash else None,
        "grant_types": client.grant_types,
        "allowed_scopes": client.scopes,
        "idle_seconds": int(client.idle.total_seconds()),
        "absolute_seconds": int(client.absolute.total_seconds()),
        "rotation_limit": client.rotation_limit,
        "redirect_uris": client.redirect_uris,
        "first_party": client.first_party,
    }
