"""What users have decided on what is kept of them."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0029_privacy.up"))


def downgrade() -> None:
    """Forget what was decided."""
    op.execute(script("0029_privacy.down"))
