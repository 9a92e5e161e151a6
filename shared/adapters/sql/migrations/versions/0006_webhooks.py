"""Webhooks: registrations, notices and their dead letters, subscriptions and deliveries."""

from alembic import op

from shared.adapters.sql.migrations.script import script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make what webhooks need."""
    op.execute(script("0006_webhooks.up"))


def downgrade() -> None:
    """Drop it."""
    op.execute(script("0006_webhooks.down"))
