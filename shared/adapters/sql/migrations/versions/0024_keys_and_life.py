"""API keys, accounts that are to be deleted, and copies of what is kept of a user."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0024_keys_and_life.up"))


def downgrade() -> None:
    """Forget them."""
    op.execute(script("0024_keys_and_life.down"))
