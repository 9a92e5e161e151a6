"""Argon2id (RFC 9106), a bounded number at a time: each hash holds 19 MiB while it is made."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argon2 import PasswordHasher

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""The least of OWASP's Password Storage Cheat Sheet for Argon2id."""
SALT_BYTES = 16
AT_ONCE = 2
"""Hashes that one process makes side by side."""
WAIT_SECONDS = 2.0
"""How long one waits for its turn before the caller is told to come again."""


class Argon2Hasher:
    """`shared.identity.passwords.Hasher`, as PHC strings.

    Args:
        memory_kib: Memory of one hash.
        passes: Over that memory.
        at_once: Hashes side by side.
        wait_seconds: See `WAIT_SECONDS`.
    """

    def __init__(
        self,
        *,
        memory_kib: int = MEMORY_KIB,
        passes: int = PASSES,
        at_once: int = AT_ONCE,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._memory_kib, self._passes = memory_kib, passes
        self._turns, self._wait = BoundedSemaphore(at_once), wait_seconds

    @cached_property
    def _argon2(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # noqa: PLC0415 - 50 ms, only where passwords are seen

        return PasswordHasher(
            time_cost=self._passes,
            memory_cost=self._memory_kib,
            parallelism=LANES,
            salt_len=SALT_BYTES,
        )

    @cached_property
    def _nobodys(self) -> str:
        """What a password is compared with where no account is: of these parameters, any hash."""
        salt, digest = "A" * 22, "A" * 43
        return f"$argon2id$v=19$m={self._memory_kib},t={self._passes},p={LANES}${salt}${digest}"

    def hash(self, password: str) -> str:
        """See `Hasher.hash`."""
        with self._turn():
            return self._argon2.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """See `Hasher.verify`."""
        from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415 - see above

        with self._turn():
            try:
                self._argon2.verify(kept or self._nobodys, password)
            except VerifyMismatchError:
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """See `Hasher.is_outdated`."""
        return self._argon2.check_needs_rehash(kept)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._wait):
            raise UnavailableError("too many passwords are being checked; come again in a moment")
        try:
            yield
        finally:
            self._turns.release()
