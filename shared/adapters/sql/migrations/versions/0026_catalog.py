"""What keeps the catalog true: stopped providers, outlines of titles, sources' runtimes."""

from alembic import op

from shared.adapters.sql.ingest.blocks import rebuild_blocks
from shared.adapters.sql.ingest.outlines import rebuild_outlines
from shared.adapters.sql.migrations.script import script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make the tables, and put every title under the blocks of today, with its outline."""
    op.execute(script("0026_catalog.up"))
    rebuild_blocks(op.get_bind())
    rebuild_outlines(op.get_bind())


def downgrade() -> None:
    """Forget them; an older program finds fewer titles by block until they are written again."""
    op.execute(script("0026_catalog.down"))
