"""Sessions of browsers on our own pages."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table."""
    op.execute(script("0021_browser.up"))


def downgrade() -> None:
    """Forget it; users sign in again."""
    op.execute(script("0021_browser.down"))
