"""Accounts at other providers that sign somebody in here."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0023_federation.up"))


def downgrade() -> None:
    """Forget who signs in by whom; an account without a password can have one sent."""
    op.execute(script("0023_federation.down"))
