"""What searches came to."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0015_search_analytics.up"))


def downgrade() -> None:
    """Forget what was counted."""
    op.execute(script("0015_search_analytics.down"))
