"""The audit log: append-only, in chains, one partition a month."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the audit log."""
    op.execute(script("0002_audit.up"))


def downgrade() -> None:
    """Remove the audit log."""
    op.execute(script("0002_audit.down"))
