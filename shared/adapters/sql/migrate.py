"""Bring the schema forward, or back for a test."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

FOLDER = Path(__file__).with_name("migrations")
LOCK = 7_102_993_001
"""Advisory lock under which one process at a time migrates."""
ROLE = "cloudsqliamserviceaccount"
"""The role that Cloud SQL gives every service account that logs in by IAM."""


def upgrade(engine: Engine, target: str = "head") -> str:
    """Run every step up to ``target`` in one transaction and return the version reached."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(_config(connection), target)
        _let_deployables_in(connection)
        return version(connection)


def downgrade(engine: Engine, target: str = "base") -> str:
    """Undo every step above ``target`` in one transaction and return the version reached."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.downgrade(_config(connection), target)
        return version(connection)


def version(connection: Connection) -> str:
    """Return the schema's version, empty where nothing was ever migrated."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _let_deployables_in(connection: Connection) -> None:
    """Grant reading and writing to every deployable where they log in by IAM, as on Cloud SQL.

    A table belongs to the account that made it, this job's; the others have no right by themselves.
    """
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE})
    if found.first() is not None:
        connection.execute(text((FOLDER / "grants.sql").read_text(encoding="utf-8")))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
