"""The outbox: an event keeps its place in its trace."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for the trace of an event."""
    op.execute(script("0003_outbox_trace.up"))


def downgrade() -> None:
    """Forget the traces of events."""
    op.execute(script("0003_outbox_trace.down"))
