"""The spine: titles, offers and what the flow remembers."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything of the spine."""
    op.execute(script("0001_spine.up"))


def downgrade() -> None:
    """Remove everything of the spine."""
    op.execute(script("0001_spine.down"))
