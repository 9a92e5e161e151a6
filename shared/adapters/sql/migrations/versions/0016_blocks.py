"""Titles meet in other blocks: by their parts, by longer beginnings, by both ends."""

from alembic import op

from shared.adapters.sql.ingest.blocks import rebuild_blocks

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Put every title under the blocks of today."""
    rebuild_blocks(op.get_bind())


def downgrade() -> None:
    """Do nothing: an older program finds titles by equal names until they are written again."""
