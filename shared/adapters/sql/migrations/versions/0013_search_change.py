"""Which titles changed since a snapshot of the catalog was written."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0013_search_change.up"))


def downgrade() -> None:
    """Forget what changed; the next snapshot is read from the catalog itself."""
    op.execute(script("0013_search_change.down"))
