"""Names of genres that no map knows are counted."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0028_genre_misses.up"))


def downgrade() -> None:
    """Forget it."""
    op.execute(script("0028_genre_misses.down"))
