"""Receipts of offers, and what links came to."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make what keeps them; offers that are there have the one source that is known."""
    op.execute(script("0007_links_receipts.up"))


def downgrade() -> None:
    """Forget them."""
    op.execute(script("0007_links_receipts.down"))
