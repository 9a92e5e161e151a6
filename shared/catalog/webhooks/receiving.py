"""Receiving a notice: every check in the order of spec/ingestion §5.10, then one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.catalog.platforms import platforms
from shared.catalog.webhooks.notice import Notice, check, key_of, read_notice
from shared.catalog.webhooks.signing import verify
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    REJECTED,
    AppError,
    ExhaustedError,
    FieldIssue,
    InvalidInputError,
    MalformedError,
    NotFoundError,
    TooLargeError,
)

MOST_BYTES = 256 * 1024
IDEMPOTENCY_KEY = "x-idempotency-key"


class Status(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Source:
    """A platform's registration.

    Attributes:
        secret_refs: References of its live secrets in Secret Manager, newest first, one or two.
        event_types: Kinds of notices that are taken; empty takes every one.
        legacy: Whether a signature over the body alone is good.
    """

    platform: str
    secret_refs: tuple[str, ...]
    event_types: tuple[str, ...] = ()
    rate_per_minute: int = 100
    legacy: bool = False


@dataclass(frozen=True)
class Delivery:
    """One notice that passed every check, ready to be kept.

    Attributes:
        key: What repeated deliveries of it share.
        body: As it came, so that it can be processed again.
        received_at: When.
    """

    notice: Notice
    key: bytes
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Taken:
    """The answer: `event_id` is that of the first delivery."""

    event_id: UUID
    status: Status


class Sources(Protocol):
    """Registrations."""

    def find(self, platform: str) -> Source | None:
        """Return a platform's registration, None where there is none."""


class Inbox(Protocol):
    """Where notices are kept."""

    def take(self, source: Source, deliveries: Sequence[Delivery]) -> list[Taken]:
        """Keep notices with their events, each once, in one transaction.

        Raises:
            ExhaustedError: The platform sends more than its rate.
        """

    def refuse(self, platform: str, body: bytes, reason: str) -> None:
        """Keep a body that a platform signed and nobody can read; the same one twice once."""


class Tally(Protocol):
    """Counts what became of deliveries."""

    def add(self, platform: str, outcome: str, *, milliseconds: int, at: datetime) -> None:
        """Count one."""


@dataclass(frozen=True)
class Receiver:
    """Takes deliveries with what one process has."""

    sources: Sources
    secret: Callable[[str], str]
    inbox: Inbox
    tally: Tally
    clock: Clock

    def receive(self, platform: str, headers: Mapping[str, str], body: bytes) -> Taken:
        """Take one delivery of a platform.

        Raises:
            TooLargeError: The body has more than `MOST_BYTES`.
            NotFoundError: There is no such platform.
            MalformedError: The signature is missing, or the body is no JSON.
            UnauthenticatedError: The signature is not good or stale, or no secret is registered.
            InvalidInputError: The notice is not acceptable, or of another platform.
            ExhaustedError: The platform sends more than its rate.
            UnavailableError: It cannot be kept, or secrets cannot be read.
        """

        def read(source: Source) -> list[Delivery]:
            secrets = [self.secret(reference) for reference in source.secret_refs]
            now = self.clock.now()
            verify(headers, body, secrets=secrets, now=now, legacy=source.legacy)
            return self.believed(platform, body, lambda: [self._read(source, headers, body)])

        return self.judged(platform, body, read)[0]

    def believed(
        self, platform: str, body: bytes, read: Callable[[], list[Delivery]]
    ) -> list[Delivery]:
        """Return what a body comes to whose signature was good; one that cannot be read is kept.

        Raises:
            MalformedError: It cannot be read.
            InvalidInputError: What it says is not acceptable.
            UnavailableError: It cannot be kept.
        """
        try:
            return read()
        except (MalformedError, InvalidInputError) as error:
            fields = "".join(f"; {issue.field}: {issue.message}" for issue in error.issues)
            self.inbox.refuse(platform, body, error.message + fields)
            raise

    def judged(
        self, platform: str, body: bytes, read: Callable[[Source], list[Delivery]]
    ) -> list[Taken]:
        """Keep what `read` makes of a delivery, and count what became of it; errors as there."""
        started = self.clock.now()
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"the body has more than {MOST_BYTES} bytes")
        if platform not in platforms():
            raise NotFoundError(f"there is no platform {platform!r}")
        try:
            found = self._take(platform, read)
        except AppError as error:
            self._count(platform, "rejected" if _is_the_senders(error) else "failed", started)
            raise
        for one in found:
            self._count(platform, one.status.value, started)
        return found

    def _take(self, platform: str, read: Callable[[Source], list[Delivery]]) -> list[Taken]:
        source = self.sources.find(platform) or Source(platform, ())
        deliveries = read(source)
        return self.inbox.take(source, deliveries) if deliveries else []

    def _read(self, source: Source, headers: Mapping[str, str], body: bytes) -> Delivery:
        notice, said = read_notice(body)
        now = self.clock.now()
        check(notice, platform=source.platform, now=now)
        if source.event_types and notice.event_type not in source.event_types:
            issue = FieldIssue("event_type", "not-registered", "is none that was registered")
            raise InvalidInputError("the notice is of no registered kind", issues=[issue])
        key = key_of(notice, said, headers.get(IDEMPOTENCY_KEY, ""))
        return Delivery(notice, key, body, now)

    def _count(self, platform: str, outcome: str, started: datetime) -> None:
        now = self.clock.now()
        milliseconds = max(0, round((now - started).total_seconds() * 1000))
        self.tally.add(platform, outcome, milliseconds=milliseconds, at=now)


def _is_the_senders(error: AppError) -> bool:
    return isinstance(error, (*REJECTED, ExhaustedError))
