"""Places of seasons and episodes in their series, and offers that are hidden."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the tables, and the column of offers."""
    op.execute(script("0017_series.up"))


def downgrade() -> None:
    """Forget both."""
    op.execute(script("0017_series.down"))
