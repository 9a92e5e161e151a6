"""Providers: allowances by period, the pace of calls, and leases of fetches."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make what counts and what holds."""
    op.execute(script("0009_provider_limits.up"))


def downgrade() -> None:
    """Count one allowance a key again."""
    op.execute(script("0009_provider_limits.down"))
