"""The life of titles: notices of expiry, merges that can be undone, quotas, reports of quality."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0005_life.up"))


def downgrade() -> None:
    """Remove the tables."""
    op.execute(script("0005_life.down"))
