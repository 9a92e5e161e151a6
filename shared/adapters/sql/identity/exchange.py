"""Sessions whose tokens are exchanged: table ``token_family``, by the claims of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.identity.families import SESSION, to_family
from shared.adapters.sql.statement import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from shared.identity.families import Family


def live_session(
    session: str, version: int, reads: Callable[[], Engine] = connect.reads
) -> Family | None:
    """Return the session of a token, None where it is over.

    Args:
        session: Claim ``sid``.
        version: Claim ``ver``.
        reads: Engine of single statements.
    """
    given = {"family_id": session, "version": version}
    with translated("token_family"), reads().connect() as connection:
        row = connection.execute(SESSION(), given).first()
    return None if row is None else to_family(row)
