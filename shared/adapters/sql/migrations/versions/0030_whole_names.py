"""Titles are found by all their whole names under blocks, in any year."""

from alembic import op

from shared.adapters.sql.ingest.blocks import rebuild_blocks

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Put every title under the blocks of today."""
    rebuild_blocks(op.get_bind())


def downgrade() -> None:
    """Do nothing: an older program does not look under the blocks that are more."""
