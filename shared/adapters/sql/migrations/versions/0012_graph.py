"""Titles as a graph: typed edges, and franchises."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0012_graph.up"))


def downgrade() -> None:
    """Forget the graph; the next night would build it again."""
    op.execute(script("0012_graph.down"))
