"""Profiles of a household, parental controls, avatars, and whom a session's tokens speak of."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the tables and the columns."""
    op.execute(script("0020_household.up"))


def downgrade() -> None:
    """Forget them."""
    op.execute(script("0020_household.down"))
