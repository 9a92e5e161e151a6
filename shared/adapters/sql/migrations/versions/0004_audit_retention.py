"""The audit log: whole addresses are forgotten after 30 days."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make what forgets."""
    op.execute(script("0004_audit_retention.up"))


def downgrade() -> None:
    """Forget nothing any more."""
    op.execute(script("0004_audit_retention.down"))
