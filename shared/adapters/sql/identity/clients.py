"""Applications: table ``oauth_client``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.identity.clients import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Engine, Row

FIND = statement(__file__, "clients_find")
ADD = statement(__file__, "clients_add")
LONGEST_ID = 100


class SqlClients:
    """`shared.identity.clients.Clients`; every call is one statement."""

    def __init__(self, reads: Callable[[], Engine] = connect.reads) -> None:
        self._reads = reads

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


def add(engine: Engine, clients: Sequence[Client], *, now: datetime) -> int:
    """Register applications that are not there yet and return how many there were."""
    rows = orjson.dumps([_row(client) for client in clients]).decode()
    with translated("oauth_client"), engine.begin() as connection:
        return int(connection.execute(ADD(), {"rows": rows, "now": now}).rowcount)


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
    )


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
    }
