"""Secrets and their versions, with their durable copy in the journal.

Spaces: ``secret_manager.secret``, ``secret_manager.version``, ``secret_manager.payload``, by name.
A version is enabled ⇄ disabled → destroyed; a destroyed one has no payload and stays so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import google_crc32c
from google.cloud.secretmanager_v1.types import resources

from emulators.core import errors

if TYPE_CHECKING:
    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

Secret: Proto = resources.Secret.pb()
SecretVersion: Proto = resources.SecretVersion.pb()
ENABLED, DISABLED, DESTROYED = 1, 2, 3
_STATES = {ENABLED: "ENABLED", DISABLED: "DISABLED", DESTROYED: "DESTROYED"}

_SECRETS, _VERSIONS = "secret_manager.secret", "secret_manager.version"
_PAYLOADS = "secret_manager.payload"
_PARENT = re.compile(r"projects/[^/]+(/locations/[^/]+)?")
_SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_MAX_PAYLOAD_BYTES = 65536
_UNSUPPORTED = (
    "topics",
    "expire_time",
    "ttl",
    "rotation",
    "version_aliases",
    "version_destroy_ttl",
    "customer_managed_encryption",
)


@dataclass
class _Versioned:
    """A secret and its versions by number; numbers are never used again."""

    secret: Proto
    versions: dict[int, Proto] = field(default_factory=dict)


class Store:
    """All of Secret Manager's state.

    Args:
        clock: Gives times of creation and destruction.
        journal: Where everything is written; whoever answers a call commits it.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._secrets: dict[str, _Versioned] = {}
        self._payloads: dict[str, bytes] = {}
        self._load()

    async def commit(self) -> None:
        """Return when every change made so far would survive the process."""
        await self._journal.commit()

    def create(self, parent: str, secret_id: str, secret: Proto) -> Proto:
        """Add a secret without versions.

        Raises:
            EmulatorError: INVALID_ARGUMENT, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        _check_new(parent, secret_id, secret)
        name = f"{parent}/secrets/{secret_id}"
        if name in self._secrets:
            raise errors.already_exists(f"Secret [{name}] already exists.")
        created = Secret(
            name=name,
            replication=secret.replication,
            labels=secret.labels,
            annotations=secret.annotations,
            etag=self._etag(),
        )
        self._stamp(created.create_time)
        self._secrets[name] = _Versioned(created)
        self._journal.put(_SECRETS, name, created.SerializeToString())
        return created

    def secret(self, name: str) -> Proto:
        """Return a secret.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        return self._versioned(name).secret

    def secrets(self, parent: str) -> list[Proto]:
        """Return the secrets of a project or location, newest first."""
        prefix = f"{parent}/secrets/"
        found = [v.secret for name, v in self._secrets.items() if name.startswith(prefix)]
        return sorted(found, key=lambda s: (s.create_time.ToNanoseconds(), s.name), reverse=True)

    def delete(self, name: str, etag: str) -> None:
        """Remove a secret and all its versions.

        Raises:
            EmulatorError: NOT_FOUND, or FAILED_PRECONDITION when the etag is another.
        """
        versioned = self._versioned(name)
        _check_etag(versioned.secret, etag)
        for version in versioned.versions.values():
            self._journal.put(_VERSIONS, version.name, None)
            self._forget_payload(version.name)
        del self._secrets[name]
        self._journal.put(_SECRETS, name, None)

    def add_version(self, name: str, payload: Proto) -> Proto:
        """Add an enabled version.

        Raises:
            EmulatorError: NOT_FOUND, or INVALID_ARGUMENT for a payload that is empty, too large or
                not of the checksum given with it.
        """
        versioned = self._versioned(name)
        _check_payload(payload)
        number = max(versioned.versions, default=0) + 1
        version = SecretVersion(
            name=f"{name}/versions/{number}",
            client_specified_payload_checksum=payload.HasField("data_crc32c"),
        )
        self._stamp(version.create_time)
        kind = versioned.secret.replication.WhichOneof("replication")
        if kind:  # a regional secret has none
            getattr(version.replication_status, kind).SetInParent()
        versioned.versions[number] = version
        self._payloads[version.name] = payload.data
        self._journal.put(_PAYLOADS, version.name, payload.data)
        self._set_state(version, ENABLED)
        return version

    def version(self, name: str) -> Proto:
        """Return a version by number, or the newest by ``latest``.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        secret, _, wanted = name.partition("/versions/")
        versions = self._versioned(secret).versions
        number = max(versions, default=0) if wanted == "latest" else _number(wanted)
        if number not in versions:
            raise errors.not_found(f"Secret Version [{name}] not found.")
        return versions[number]

    def versions(self, name: str) -> list[Proto]:
        """Return a secret's versions, newest first.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        found = self._versioned(name).versions
        return [found[number] for number in sorted(found, reverse=True)]

    def access(self, name: str) -> tuple[str, bytes]:
        """Return full name and payload of a version.

        Raises:
            EmulatorError: NOT_FOUND, or FAILED_PRECONDITION unless it is enabled.
        """
        version = self.version(name)
        if version.state != ENABLED:
            state = _STATES[version.state]
            raise errors.failed_precondition(
                f"Secret Version [{version.name}] is in {state} state."
            )
        return version.name, self._payloads[version.name]

    def change_state(self, name: str, state: int, etag: str) -> Proto:
        """Enable, disable or destroy a version.

        Raises:
            EmulatorError: NOT_FOUND, or FAILED_PRECONDITION when it is destroyed or the etag is
                another.
        """
        version = self.version(name)
        _check_etag(version, etag)
        if version.state == DESTROYED:
            raise errors.failed_precondition(
                f"Secret Version [{version.name}] is in DESTROYED state."
            )
        if state == DESTROYED:
            self._stamp(version.destroy_time)
            self._forget_payload(version.name)
        self._set_state(version, state)
        return version

    def _set_state(self, version: Proto, state: int) -> None:
        version.state = state
        version.etag = self._etag()
        self._journal.put(_VERSIONS, version.name, version.SerializeToString())

    def _forget_payload(self, name: str) -> None:
        self._payloads.pop(name, None)
        self._journal.put(_PAYLOADS, name, None)

    def _versioned(self, name: str) -> _Versioned:
        if name not in self._secrets:
            raise errors.not_found(f"Secret [{name}] not found.")
        return self._secrets[name]

    def _stamp(self, timestamp: Proto) -> None:
        timestamp.FromMicroseconds(int(self._clock.now() * 1_000_000))

    def _etag(self) -> str:
        return f'"{int(self._clock.now() * 1_000_000):x}"'

    def _load(self) -> None:
        for name, value in self._journal.load(_SECRETS):
            self._secrets[name] = _Versioned(Secret.FromString(value))
        for name, value in self._journal.load(_VERSIONS):
            secret, _, number = name.partition("/versions/")
            self._secrets[secret].versions[int(number)] = SecretVersion.FromString(value)
        self._payloads = dict(self._journal.load(_PAYLOADS))


def checksum(data: bytes) -> int:
    """Return the CRC32C of a payload."""
    return int(google_crc32c.value(data))


def _check_new(parent: str, secret_id: str, secret: Proto) -> None:
    if not _PARENT.fullmatch(parent):
        raise errors.invalid_argument(f"Invalid parent: {parent!r}")
    if not _SECRET_ID.fullmatch(secret_id):
        raise errors.invalid_argument(
            f"Invalid secret_id {secret_id!r}: it must match [A-Za-z0-9_-] and have 1 to 255 "
            "characters."
        )
    present = {descriptor.name for descriptor, _ in secret.ListFields()}
    for unsupported in _UNSUPPORTED:
        if unsupported in present:
            raise errors.unimplemented(f"Secret.{unsupported} is not supported here")
    if "/locations/" not in parent and not secret.replication.WhichOneof("replication"):
        raise errors.invalid_argument("secret.replication must be provided.")


def _check_payload(payload: Proto) -> None:
    if not payload.data:
        raise errors.invalid_argument("Secret Payload cannot be empty.")
    if len(payload.data) > _MAX_PAYLOAD_BYTES:
        raise errors.invalid_argument(
            f"The payload has {len(payload.data)} bytes; the maximum is {_MAX_PAYLOAD_BYTES}."
        )
    if payload.HasField("data_crc32c") and payload.data_crc32c != checksum(payload.data):
        raise errors.invalid_argument(
            f"The payload's CRC32C is {checksum(payload.data)}, not {payload.data_crc32c} as given."
        )


def _check_etag(resource: Proto, etag: str) -> None:
    if etag and etag != resource.etag:
        raise errors.failed_precondition(f"The etag of [{resource.name}] is not {etag}.")


def _number(text: str) -> int:
    if not text.isdigit():
        raise errors.invalid_argument(f"Invalid version: {text!r} is no number and not 'latest'.")
    return int(text)
