"""The RPCs of SecretManagerService, for gRPC and REST alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.secretmanager_v1.types import service
from google.protobuf import empty_pb2

from emulators.core import errors
from emulators.secret_manager.store import DESTROYED, DISABLED, ENABLED, checksum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.binding import ServicerContext
    from emulators.core.methods import Proto
    from emulators.secret_manager.store import Store

_AccessResponse: Proto = service.AccessSecretVersionResponse.pb()
_SecretsResponse: Proto = service.ListSecretsResponse.pb()
_VersionsResponse: Proto = service.ListSecretVersionsResponse.pb()
_PAGE = 25_000


class SecretManagerServicer:
    """``google.cloud.secretmanager.v1.SecretManagerService``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def CreateSecret(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Create a secret without versions."""
        secret = self._store.create(request.parent, request.secret_id, request.secret)
        await self._store.commit()
        return secret

    async def GetSecret(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a secret's metadata."""
        return self._store.secret(request.name)

    async def ListSecrets(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of secrets, newest first."""
        found = self._store.secrets(request.parent)
        page, token = _page(found, request)
        return _SecretsResponse(secrets=page, next_page_token=token, total_size=len(found))

    async def DeleteSecret(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a secret and its versions."""
        self._store.delete(request.name, request.etag)
        await self._store.commit()
        return empty_pb2.Empty()

    async def AddSecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Add a version with a payload."""
        version = self._store.add_version(request.parent, request.payload)
        await self._store.commit()
        return version

    async def AccessSecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a version's payload and its checksum."""
        name, data = self._store.access(request.name)
        return _AccessResponse(name=name, payload={"data": data, "data_crc32c": checksum(data)})

    async def GetSecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a version's metadata."""
        return self._store.version(request.name)

    async def ListSecretVersions(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of versions, newest first."""
        found = self._store.versions(request.parent)
        page, token = _page(found, request)
        return _VersionsResponse(versions=page, next_page_token=token, total_size=len(found))

    async def EnableSecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Let a version be accessed again."""
        return await self._change(request, ENABLED)

    async def DisableSecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Refuse access to a version until it is enabled."""
        return await self._change(request, DISABLED)

    async def DestroySecretVersion(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Drop a version's payload for good."""
        return await self._change(request, DESTROYED)

    async def _change(self, request: Proto, state: int) -> Proto:
        version = self._store.change_state(request.name, state, request.etag)
        await self._store.commit()
        return version


def _page(found: Sequence[Proto], request: Proto) -> tuple[Sequence[Proto], str]:
    """Return a page and the token of the next; a token is the number of items before its page."""
    if request.filter:
        raise errors.unimplemented(f"{request.DESCRIPTOR.name}.filter is not supported here")
    token = request.page_token or "0"
    if not token.isdigit() or request.page_size < 0:
        raise errors.invalid_argument(f"Invalid page_token {token!r} or negative page_size.")
    start = int(token)
    end = start + (request.page_size or _PAGE)
    return found[start:end], str(end) if end < len(found) else ""
