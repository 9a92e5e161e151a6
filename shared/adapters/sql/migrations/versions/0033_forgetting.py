"""Old events can be found by age."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the indexes."""
    op.execute(script("0033_forgetting.up"))


def downgrade() -> None:
    """Drop them."""
    op.execute(script("0033_forgetting.down"))
