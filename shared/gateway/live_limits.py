"""Limits that change while the gateway runs: what was shipped, and what administrators made of it.

They are looked up every 30 seconds behind a request that needs them (spec/gateway §5.3), since an
instance without requests has no processor. What cannot be read or understood changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from shared.gateway.limits import Limits, Tier, standard_tables
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.gateway.gcra import Quotas

logger = logging.getLogger(__name__)

EVERY_SECONDS = 30.0


class LimitChanges(Protocol):
    """Where changes are kept."""

    async def read(self) -> bytes | None:
        """Return the changes as JSON, None where there are none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    burst: PositiveInt | None = None


class _TierChange(_Part):
    second: PositiveInt | None = None
    minute: PositiveInt | None = None
    hour: PositiveInt | None = None
    day: PositiveInt | None = None


class _ClassChange(_Part):
    limit: PositiveInt | None = None
    window_seconds: PositiveInt | None = None


class Changes(BaseModel):
    """What differs from limits.toml, with its names; what is not named stays as it was shipped."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    tiers: dict[Tier, _TierChange] = {}
    classes: dict[str, _ClassChange] = {}

    def of(self, tables: Mapping[str, Any]) -> dict[str, Any]:
        """Return tables with these changes in them.

        Raises:
            ValueError: A class is named that there is not.
        """
        unknown = sorted(set(self.classes) - set(tables["classes"]))
        if unknown:
            raise ValueError(f"there is no rate class {', '.join(unknown)}")
        tiers = {tier.value: change for tier, change in self.tiers.items()}
        return {
            "tiers": _merged(tables["tiers"], tiers),
            "classes": _merged(tables["classes"], self.classes),
        }


def _merged(rows: Mapping[str, Any], changes: Mapping[str, _Part]) -> dict[str, Any]:
    said = {name: change.model_dump(exclude_none=True) for name, change in changes.items()}
    return {name: {**row, **said.get(name, {})} for name, row in rows.items()}


class LiveLimits:
    """`shared.gateway.limits.Limits` as they are now.

    Args:
        changes: Where they are kept.
        factor: By how much every number is multiplied, above 0; 1 but in tests.
        seconds: A clock that only goes forward, like `time.monotonic`.
    """

    def __init__(
        self, changes: LimitChanges, *, factor: float, seconds: Callable[[], float]
    ) -> None:
        self._changes, self._factor, self._seconds = changes, factor, seconds
        self._limits = Limits(standard_tables(), factor=factor)
        self._read: bytes | None = None
        self._due = seconds()
        self._renewing: asyncio.Task[None] | None = None

    def quotas_for(self, principal: str, tier: str, rate_class: str | None) -> Quotas:
        """Return what a request counts against, as `Limits.quotas_for`; never waits."""
        if self._renewing is None and self._seconds() >= self._due:
            self._renewing = asyncio.create_task(self.renew())
            self._renewing.add_done_callback(self._renewed)
        return self._limits.quotas_for(principal, tier, rate_class)

    async def renew(self) -> None:
        """Look the changes up now; what cannot be read or understood leaves the limits as is."""
        self._due = self._seconds() + EVERY_SECONDS
        try:
            read = await self._changes.read()
        except UnavailableError as error:
            logger.info("limits.not_read", extra={"detail": error.message})
            return
        if read != self._read:
            self._read = read
            self._take(read or b"{}")

    def _take(self, read: bytes) -> None:
        try:
            changed = Changes.model_validate_json(read).of(standard_tables())
        except ValueError as error:
            logger.warning("limits.not_acceptable", extra={"problems": _problems(error)})
            return
        self._limits = Limits(changed, factor=self._factor)
        logger.info("limits.changed")

    def _renewed(self, done: asyncio.Task[None]) -> None:
        self._renewing = None
        if not done.cancelled() and (error := done.exception()):
            logger.error("limits.not_renewed", exc_info=error)


def _problems(error: ValueError) -> Sequence[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return [str(error)]
