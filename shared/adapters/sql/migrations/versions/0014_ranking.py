"""How searches are ranked, version by version."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0014_ranking.up"))


def downgrade() -> None:
    """Forget every version; what nobody set holds again."""
    op.execute(script("0014_ranking.down"))
