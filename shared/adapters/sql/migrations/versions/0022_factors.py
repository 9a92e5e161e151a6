"""Second factors: authenticator apps, backup codes and passkeys."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the tables."""
    op.execute(script("0022_factors.up"))


def downgrade() -> None:
    """Forget every second factor: accounts are opened by their passwords alone."""
    op.execute(script("0022_factors.down"))
