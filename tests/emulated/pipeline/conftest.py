"""A small Google, and signed calls to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from terraform.pipeline.cloud import CloudRun, Google
from tests.emulated.pipeline.cloud import PLACE, Cloud, served

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = ("run", "monitoring", "artifactregistry", "storage", "cloudbuild")


@pytest.fixture
def cloud() -> Cloud:
    """Return what is there: nothing yet."""
    return Cloud()


@pytest.fixture
def address(cloud: Cloud) -> Iterator[str]:
    """Return where it is served."""
    with served(cloud) as url:
        yield url


@pytest.fixture
def google(address: str) -> Iterator[Google]:
    """Return calls to it; nobody sleeps."""
    with requests.Session() as session:
        yield Google(session, {name: f"{address}/{name}" for name in HOSTS}, lambda _: None)


@pytest.fixture
def run(google: Google) -> CloudRun:
    """Return its Cloud Run."""
    return CloudRun(google, PLACE)
