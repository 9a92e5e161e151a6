"""What pages of platforms said when they were looked at."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0011_link_checks.up"))


def downgrade() -> None:
    """Forget what was seen."""
    op.execute(script("0011_link_checks.down"))
