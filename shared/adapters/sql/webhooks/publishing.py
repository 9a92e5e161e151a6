"""Events of webhooks on their way out, after the commit."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.adapters.outbox import Publisher, publish_pending
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

logger = logging.getLogger(__name__)


def publish_now(engine: Engine, publisher: Publisher, rows: Sequence[int]) -> None:
    """Publish rows of the outbox; those that are not taken wait for the relay."""
    try:
        publish_pending(engine, publisher, rows)
    except UnavailableError as error:
        logger.warning("event.waiting", extra={"detail": error.message})
