"""What users allow applications of others."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0025_consents.up"))


def downgrade() -> None:
    """Forget what was allowed."""
    op.execute(script("0025_consents.down"))
