"""Secret Manager: values that stand nowhere else."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from shared.adapters import connect
from shared.kernel.errors import UnavailableError

REFERENCE = re.compile(r"projects/[^/]+/secrets/[^/]+/versions/[^/]+")
CALL_TIMEOUT_SECONDS = 5.0


@cache
def secret(reference: str) -> str:
    """Return the value of a secret version, read once per process.

    Args:
        reference: ``projects/P/secrets/S/versions/V``; V may be ``latest``.

    Raises:
        UnavailableError: It is no reference, or Secret Manager does not give the value; the
            message names the reference, never the value.
    """
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - with its client

    if not REFERENCE.fullmatch(reference):
        message = "a secret is named projects/P/secrets/S/versions/V; a value itself is not taken"
        raise UnavailableError(message)
    try:
        answer = _client().access_secret_version(name=reference, timeout=CALL_TIMEOUT_SECONDS)
    except GoogleAPIError as error:
        raise UnavailableError(f"secret {reference} cannot be read: {error}") from error
    return str(answer.payload.data.decode())


def _client() -> Any:  # noqa: ANN401 - the client is untyped
    # 190 ms, only where a secret is read
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient  # noqa: PLC0415

    host = connect.addresses().secret_manager
    if not host:
        return SecretManagerServiceClient()
    return SecretManagerServiceClient(transport=_local_transport(host))


def _local_transport(host: str) -> Any:  # noqa: ANN401 - the client is untyped
    import grpc  # noqa: PLC0415 - only beside an emulator
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (  # noqa: PLC0415
        SecretManagerServiceGrpcTransport,
    )

    return SecretManagerServiceGrpcTransport(channel=grpc.insecure_channel(host))
