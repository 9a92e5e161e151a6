"""The environment of a process, for the length of a test."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.adapters import connect, redis
from shared.runtime import audit, front, viewer
from shared.runtime.settings import settings, use_settings
from tests.fakes.waiting import audits_end, renewals_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest

PATIENT = 5.0
"""Seconds."""


@contextmanager
def surroundings(
    database: str, folder: Path, patch: pytest.MonkeyPatch
) -> Iterator[connect.Addresses]:
    """Let every adapter of this process work on a database and below a folder.

    The way is the product's own, from the environment, so that loading a function changes nothing.
    """
    given = {
        "MEDIA_GATEWAY_DATABASE_URL": database,
        "MEDIA_GATEWAY_RAW_DIR": str(folder / "raw"),
        "MEDIA_GATEWAY_ARTIFACTS_DIR": str(folder / "artifacts"),
        "MEDIA_GATEWAY_AUDIT_ARCHIVE": str(folder / "audit"),
        "MEDIA_GATEWAY_ROUTES_FILE": str(folder / "routes.json"),
        "GOOGLE_CLOUD_PROJECT": "media-gateway-local",
    }
    # On a machine with twice as many tests as it has time for, Redis is slow and not gone.
    patch.setattr(connect, "REDIS_ANSWER_SECONDS", PATIENT)
    patch.setattr(redis, "COMMAND_SECONDS", PATIENT)
    change(patch, given)
    use_settings()
    try:
        yield connect.addresses()
    finally:
        renewals_end()  # or they would connect anew to what is about to be gone
        audits_end()
        _forget()


def change(patch: pytest.MonkeyPatch, given: Mapping[str, str]) -> None:
    """Set variables, as if the process had been started with them."""
    for name, value in given.items():
        patch.setenv(name, value)
    _forget()


def _forget() -> None:
    front.table.cache_clear()
    front._platform.cache_clear()
    viewer.reset()
    audit.archive.cache_clear()
    connect.close()
    settings.cache_clear()
