"""Authenticator apps and backup codes as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.identity.accounts import Told


@dataclass(frozen=True)
class App:
    """An authenticator app of a user.

    Attributes:
        sealed_secret: Sealed for the user; says itself which key opens it.
        last_used_step: Codes of it and of earlier steps were used; None while none was.
    """

    id: str
    user_id: str
    sealed_secret: str
    last_used_step: int | None = None


class KeptFactors(Protocol):
    """What a call writes, it writes whole or not at all."""

    def app(self, user_id: str, *, pending: bool = False) -> App | None:
        """Return a user's app, or the one that waits for its first code."""

    def propose(self, app: App, told: Told, *, now: datetime) -> None:
        """Keep an app that waits for its first code, in the place of any other that does."""

    def activate(
        self, app: App, step: int, hashes: Sequence[bytes], told: Told, *, now: datetime
    ) -> None:
        """Make a waiting app the user's, with new backup codes; those there were are forgotten.

        Raises:
            FactorUnknownError: It waits no longer.
        """

    def use(self, app: App, step: int) -> bool:
        """Use up the codes up to a step; False where somebody did before."""

    def remove_app(self, user_id: str, told: Told) -> None:
        """Forget a user's app, waiting or not, and the backup codes with the last factor.

        Raises:
            FactorUnknownError: There is none.
        """

    def set_backups(
        self, user_id: str, hashes: Sequence[bytes], told: Told, *, now: datetime
    ) -> None:
        """Keep new backup codes in the place of those there were.

        Raises:
            FactorUnknownError: The user has no second factor.
        """

    def use_backup(self, user_id: str, hashes: Sequence[bytes], told: Told) -> bool:
        """Use up the backup code with one of these digests; False where there is none."""
