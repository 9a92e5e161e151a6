"""The audit log: what was archived is known, and may go after 90 days."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make what remembers and what removes."""
    op.execute(script("0008_audit_archive.up"))


def downgrade() -> None:
    """Remove nothing any more."""
    op.execute(script("0008_audit_archive.down"))
