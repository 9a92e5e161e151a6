"""When titles without a vector were last told of."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0032_unembedded.up"))


def downgrade() -> None:
    """Drop it."""
    op.execute(script("0032_unembedded.down"))
