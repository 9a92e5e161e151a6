"""What keeps the catalog true: providers that are stopped."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0026_catalog.up"))


def downgrade() -> None:
    """Forget them."""
    op.execute(script("0026_catalog.down"))
