"""Dead letters: kept where rejected events are, and when they are delivered again."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make room for them."""
    op.execute(script("0031_dead_letters.up"))


def downgrade() -> None:
    """Take it away."""
    op.execute(script("0031_dead_letters.down"))
