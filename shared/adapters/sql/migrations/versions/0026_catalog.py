"""What keeps the catalog true: stopped providers, outlines of titles, sources' runtimes."""

from alembic import op

from shared.adapters.sql.ingest.outlines import rebuild_outlines
from shared.adapters.sql.migrations.script import script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make the tables, and give every title its outline; 0027 puts it under its blocks."""
    op.execute(script("0026_catalog.up"))
    rebuild_outlines(op.get_bind())


def downgrade() -> None:
    """Forget them."""
    op.execute(script("0026_catalog.down"))
