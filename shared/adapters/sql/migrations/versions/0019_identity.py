"""Accounts, applications, sessions with their refresh tokens, and tokens that travel by mail."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables, and what the sample's viewers need to be accounts."""
    op.execute(script("0019_identity.up"))


def downgrade() -> None:
    """Forget them; the sample's viewers stay."""
    op.execute(script("0019_identity.down"))
