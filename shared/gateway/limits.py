"""Who may ask how often: tiers, route classes, and what a caller is told about them."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.gateway.gcra import Quotas
from shared.gateway.outage import Outage
from shared.gateway.ports import MICROSECONDS, Quota
from shared.kernel.errors import ExhaustedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.gateway.ports import Admission, Limiter
    from shared.kernel.clock import Clock

EXEMPT = "none"
"""Rate class of what is not limited: health, metrics, key sets."""

FIELDS = frozenset(
    {
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
)
"""What `limit_headers` says."""
REMEMBERED = 2048
"""Callers whose quotas are remembered, two kilobytes each."""

_WINDOWS = {"second": 1.0, "minute": 60.0, "hour": 3_600.0, "day": 86_400.0}
_SHARE_AT_ONCE = 6
"""Of a class that states no burst: playback, personalization and sync state a sixth of a minute."""


class Tier(StrEnum):
    """What a caller's plan is called, everywhere."""

    ANONYMOUS = "anonymous"
    FREE = "free"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


class RateLimitedError(ExhaustedError):
    """The caller asked more often than a quota allows; the message names the quota."""

    code = "rate-limited"


@dataclass(frozen=True)
class Rate:
    """So many requests in a window, so many of them at once.

    Attributes:
        name: Policy name a caller sees.
    """

    name: str
    limit: int
    window_seconds: float
    burst: int

    def scaled(self, factor: float) -> Rate:
        """Return `factor` times as many, at least one."""
        more = (max(1, round(number * factor)) for number in (self.limit, self.burst))
        return Rate(self.name, next(more), self.window_seconds, next(more))


class Limits:
    """The quotas of every caller.

    Args:
        tables: ``tiers`` and ``classes``, as in limits.toml.
        factor: By how much every number is multiplied, above 0; 1 but in tests.

    Raises:
        ValueError: The factor is not above 0, or a tier is missing.
    """

    def __init__(self, tables: Mapping[str, Any], *, factor: float = 1.0) -> None:
        if factor <= 0:
            raise ValueError(f"limits cannot be multiplied by {factor}")
        missing = set(Tier) - set(tables["tiers"])
        if missing:
            raise ValueError(f"tiers without limits: {', '.join(sorted(missing))}")
        self._tiers = {
            name: [rate.scaled(factor) for rate in _rates_of_tier(row)]
            for name, row in tables["tiers"].items()
        }
        self._classes = {
            (name, tier): _rate_of_class(name, row.get(tier, row)).scaled(factor)
            for name, row in tables["classes"].items()
            for tier in self._tiers
        }
        self.classes = frozenset(tables["classes"]) | {EXEMPT}
        self._alone = {name for name, row in tables["classes"].items() if row.get("alone")}
        self._known = lru_cache(REMEMBERED)(self._made)

    def quotas_for(self, principal: str, tier: str, rate_class: str | None) -> Quotas:
        """Return what a request counts against, the caller's tier first; nothing where exempt.

        A class that stands alone counts without the tier.

        Args:
            principal: As `principal_of` says.
            tier: One we do not know has the least.
            rate_class: The route's; None leaves the tier alone.

        Raises:
            ValueError: There is no such class.
        """
        return self._known(principal, tier, rate_class)

    def _made(self, principal: str, tier: str, rate_class: str | None) -> Quotas:
        if rate_class == EXEMPT:
            return Quotas()
        known = tier if tier in self._tiers else Tier.ANONYMOUS.value
        whole = f"all:{known}:{principal}"
        rates = () if rate_class in self._alone else self._tiers[known]
        quotas = [_quota(rate, whole) for rate in rates]
        if rate_class is None:
            return Quotas(quotas)
        if rate_class not in self.classes:
            raise ValueError(f"there is no rate class {rate_class}")
        part = self._classes[rate_class, known]
        return Quotas([*quotas, _quota(part, f"{rate_class}:{known}:{principal}")])


def _quota(rate: Rate, key: str) -> Quota:
    return Quota(rate.name, key, rate.limit, rate.window_seconds, rate.burst)


def _rates_of_tier(row: Mapping[str, int]) -> list[Rate]:
    """Return a tier's rates; only the second's has the burst, the others may be spent early."""
    return [
        Rate(name, row[name], window, row["burst"] if name == "second" else row[name])
        for name, window in _WINDOWS.items()
    ]


def _rate_of_class(name: str, row: Mapping[str, Any]) -> Rate:
    limit: int = row["limit"]
    burst = row.get("burst", max(1, limit // _SHARE_AT_ONCE))
    return Rate(name, limit, float(row.get("window_seconds", 60)), burst)


@cache
def standard_tables() -> Mapping[str, Any]:
    """Return what limits.toml beside this module says."""
    return tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8"))


@cache
def standard_limits(factor: float = 1.0) -> Limits:
    """Return the limits that are shipped."""
    return Limits(standard_tables(), factor=factor)


def principal_of(*, subject: str = "", key_id: str = "", address: str = "") -> str:
    """Return who a request counts against: the user, else the key, else the network address.

    Args:
        subject: Of a token that was checked.
        key_id: Of an API key that was checked.
        address: From the trusted hop only. Of IPv6 the first 64 bits count: that is what one
            subscriber gets (RFC 6177 §2), who could otherwise change address with every request.
    """
    if subject:
        return f"user:{subject}"
    return f"key:{key_id}" if key_id else _network_of(address)


@lru_cache(maxsize=4096)
def _network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "ip:unknown"  # all of them together: nobody is unlimited by being unreadable
    if not isinstance(found, IPv6Address):
        return f"ip:{found}"
    if found.ipv4_mapped:
        return f"ip:{found.ipv4_mapped}"
    return f"ip:{IPv6Address(int(found) >> 64 << 64)}/64"


def limit_headers(admission: Admission, quotas: Sequence[Quota] = ()) -> dict[str, str]:
    """Return what a caller is told of its quotas, admitted or not.

    The fields of draft-ietf-httpapi-ratelimit-headers-11 §3 and §4 (``t``: no more than ``r`` come
    in within so many seconds), the older ``X-RateLimit-*``, whose reset is in seconds from now, and
    for a refused request ``Retry-After`` (RFC 9110 §10.2.3).

    Args:
        admission: Of the tightest quota, which the fields speak of.
        quotas: All that apply, named in ``RateLimit-Policy``; only the tightest where not given.
    """
    quota, left = admission.quota, str(admission.remaining)
    window = _effective_window(admission)
    found = {
        "ratelimit-policy": Quotas.of(quotas or (quota,)).policy,
        "ratelimit": f'"{quota.name}";r={left};t={window}',
        "x-ratelimit-limit": quota.most,
        "x-ratelimit-remaining": left,
        "x-ratelimit-reset": str(math.ceil(admission.reset_seconds)),
    }
    return found if admission.admitted else found | {"retry-after": str(window)}


def _effective_window(admission: Admission) -> int:
    """Return the whole seconds until one more request than `remaining` could come in."""
    if not admission.admitted:
        return max(1, math.ceil(admission.retry_after_seconds))
    step = admission.quota.interval / MICROSECONDS
    return max(1, math.ceil(admission.reset_seconds % step or step))


def refusal(admission: Admission) -> RateLimitedError:
    """Return the error of a request that was not admitted."""
    quota = admission.quota
    return RateLimitedError(
        f"more than {quota.limit} requests in {quota.window_seconds:g} s ({quota.name})",
        retry_after_seconds=admission.retry_after_seconds,
    )


class DegradingLimiter:
    """A shared limiter, and this instance's own while that one is gone.

    Args:
        shared: For every instance together.
        local: This instance's.
        share: Which part of every limit is this instance's: 1 ÷ expected instances.
        clock: The time.
    """

    def __init__(self, shared: Limiter, local: Limiter, *, share: float, clock: Clock) -> None:
        self._shared = shared
        self._local = local
        self._share = share
        self._outage = Outage("limits", clock)

    @property
    def degraded(self) -> bool:
        """Whether this instance counts alone."""
        return self._outage.lasts

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas`, or against none; never fails."""
        if self._outage.asks():
            try:
                told = await self._shared.admit(quotas)
            except UnavailableError as error:
                self._outage.failed(error)
            else:
                self._outage.worked()
                return told
        return await self._local.admit([_part(quota, self._share) for quota in quotas])


def _part(quota: Quota, share: float) -> Quota:
    """Return a share of a quota; a window grows where the share would be less than one request."""
    limit = quota.limit * share
    burst = max(1, math.floor(quota.burst * share))
    if limit >= 1:
        return replace(quota, limit=math.floor(limit), burst=burst)
    return replace(quota, limit=1, window_seconds=quota.window_seconds / limit, burst=burst)
