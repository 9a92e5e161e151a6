"""What users let be kept of what they do, and be used: one decision for each purpose.

Who has decided nothing is taken to allow it: what is kept of searches names nobody, and no purpose
here gives anything to anybody else. What was refused travels in the access token, so whoever would
record something needs nothing else to know (docs/decisions/0040).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.kernel.principal import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.identity.accounts import Told

TOLD = 1
"""Version of what users are told the purposes are."""


@dataclass(frozen=True)
class Decision:
    """What a user has decided on one purpose.

    Attributes:
        version: Of what they were told.
    """

    granted: bool
    version: int
    at: datetime


class PrivacyPreferences(Protocol):
    """Decisions as they are kept."""

    def of(self, user_id: str) -> Mapping[Purpose, Decision]:
        """Return what a user has decided; purposes they have not decided on are missing."""

    def decide(self, user_id: str, wish: Mapping[Purpose, bool], told: Told) -> None:
        """Keep decisions, each of which stands in the place of the one before.

        Where something is refused that was allowed, access tokens that say otherwise are dead
        within seconds; sessions go on and are given others.

        Raises:
            NotFoundError: The account is gone.
        """


class PrivacyChange(BaseModel):
    """What to decide; what is left out stays."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"personalization": False}]}
    )

    activity: bool | None = None
    analytics: bool | None = None
    personalization: bool | None = None

    def wish(self) -> dict[Purpose, bool]:
        """Return what is decided."""
        return {Purpose(name): it for name, it in self.model_dump(exclude_none=True).items()}


class PurposeShown(BaseModel):
    """A purpose, and what was decided on it.

    Attributes:
        version: Of what the user was told; null where they have decided nothing.
        decided_at: Likewise.
    """

    model_config = ConfigDict(extra="forbid")

    granted: bool
    version: int | None
    decided_at: AwareDatetime | None


class PrivacyShown(BaseModel):
    """Every purpose, and what was decided on it."""

    model_config = ConfigDict(extra="forbid")

    activity: PurposeShown
    analytics: PurposeShown
    personalization: PurposeShown


def shown(kept: Mapping[Purpose, Decision]) -> PrivacyShown:
    """Return every purpose with what was decided on it."""
    return PrivacyShown(**{purpose.value: _shown(kept.get(purpose)) for purpose in Purpose})


def _shown(one: Decision | None) -> PurposeShown:
    if one is None:
        return PurposeShown(granted=True, version=None, decided_at=None)
    return PurposeShown(granted=one.granted, version=one.version, decided_at=one.at)
