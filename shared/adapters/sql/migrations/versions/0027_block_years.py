"""Titles are found under a block and, beside it, the year.

They are put under them by 0030, which changed the blocks again.
"""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Give blocks their year; a later step puts every title under those of today."""
    op.execute(script("0027_block_years.up"))


def downgrade() -> None:
    """Take the year away; an older program finds fewer titles by block until they are written."""
    op.execute(script("0027_block_years.down"))
