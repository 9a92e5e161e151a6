"""What accounts that log in by IAM may do, as they are on Cloud SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from shared.adapters.sql.migrate import ROLE, upgrade

if TYPE_CHECKING:
    from emulators.managed.postgres import Postgres


def test_accounts_that_log_in_by_iam_may_change_rows_and_never_the_schema(
    postgres: Postgres,
) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.begin() as owner:
            owner.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
            owner.execute(text(f"CREATE ROLE {ROLE}"))
        try:
            upgrade(engine)
            with engine.begin() as deployable:
                deployable.execute(text(f"SET LOCAL ROLE {ROLE}"))
                deployable.execute(text("DELETE FROM outbox"))
                refused = pytest.raises(ProgrammingError, match="must be owner")
                with refused, deployable.begin_nested():
                    deployable.execute(text("DROP TABLE outbox"))
        finally:
            with engine.begin() as owner:
                owner.execute(text(f"DROP OWNED BY {ROLE}"))
                owner.execute(text(f"DROP ROLE {ROLE}"))
            engine.dispose()
