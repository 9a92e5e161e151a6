"""The official admin client, pointed at the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
import pytest_asyncio
from google.cloud.firestore_admin_v1.services.firestore_admin import FirestoreAdminAsyncClient
from google.cloud.firestore_admin_v1.services.firestore_admin.transports import (
    FirestoreAdminGrpcAsyncIOTransport,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulated.firestore.conftest import Lab

Client: TypeAlias = Any
Untyped: TypeAlias = Any
"""Google's clients and messages have no types."""


@pytest_asyncio.fixture
async def admin(lab: Lab) -> AsyncIterator[Client]:
    """The official client of the admin service."""
    channel = grpc.aio.insecure_channel(lab.address)
    yield FirestoreAdminAsyncClient(transport=FirestoreAdminGrpcAsyncIOTransport(channel=channel))
    await channel.close(None)


def project(lab: Lab) -> str:
    """Return the name of the test's project."""
    return lab.root.partition("/databases/")[0]
