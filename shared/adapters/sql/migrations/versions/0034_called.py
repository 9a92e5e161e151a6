"""Titles that are asked for by the name of their franchise."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Make the columns; the next night fills them."""
    op.execute(script("0034_called.up"))


def downgrade() -> None:
    """Forget the names."""
    op.execute(script("0034_called.down"))
