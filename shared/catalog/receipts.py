"""Receipts: who says that an offer plays, since when, and how sure that is today.

    P(plays now) = survived · believed

    survived   (β / (β + a)) ^ α     no end in the a days since the freshest word
    believed   1 - m ^ n             n sources speak of it, each mistaken with probability m
       or, where k sources took their word back,
               p / (p + q),   p = ε·m ^ (k-1),   q = (1-ε) · Π (m + (1-m)·e^(-d/l))

Offers end at a constant hazard λ that is known as a Gamma(α, β): α counts ends, β days in which an
offer was seen. The chance of outliving a days, over everything λ may be, is a Lomax tail (Gamma
mixture of exponentials: Lomax, JASA 49, 1954; Gelman et al., Bayesian Data Analysis, 2013, §2.6).
The prior of a region is what its platform is known to do, with the weight of `PRIOR_ENDS` ends, so
a region with few offers borrows from its platform and one with many speaks for itself.

A source that is l days late speaks of the world of l days ago, so l adds to its age. Of an offer
that somebody took back, either the others are right (p): each no is wrong, the first because
sources take back w offers a day that play on, against λ that end (ε = w / (w + λ)). Or it ended
(q): each yes, d days later still, is mistaken, or late (exponentially, mean l).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import exp, inf
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Claim = Sequence[Any]
    """First second, last second, the listing, and the second in which it was taken back."""
    Sources = Mapping[str, Claim]

DAY = 86_400.0
PRIOR_ENDS = 2.0
PRIOR_OFFER_DAYS = 3_000.0
"""Two ends in 3,000 days of offers: what is believed of a platform nothing is known of. That is
how four subscription catalogs in the US lost 22 % of their titles from 2022 to 2023."""
PRIOR_LAG_DAYS = 0.5
PRIOR_LAG_WEIGHT = 4.0
MISTAKEN = 0.03
"""m: share of what a single source says that is wrong, a title mistaken for another above all."""
WRONGLY_TAKEN_BACK = MISTAKEN / 365
"""w, a day: in a year a source takes back wrongly as many offers as it is mistaken about."""
LAST, LISTING, TAKEN_BACK = 1, 2, 3
STALE_DAYS = 14
"""A source's word counts as long as this (spec/ingestion §7)."""
CONFIRMED_DAYS = 8
"""An offer nobody confirmed for longer is marked: the weekly comparison passed it by."""


class Hazard(NamedTuple):
    """The Gamma distribution of how many offers end a day; `rate_days` in days of offers."""

    shape: float = PRIOR_ENDS
    rate_days: float = PRIOR_OFFER_DAYS

    def survival(self, days: float) -> float:
        """Return the probability that an offer outlives so many days."""
        found: float = (self.rate_days / (self.rate_days + max(0.0, days))) ** self.shape
        return found


UNKNOWN = Hazard()


@dataclass(frozen=True)
class Churn:
    """What was seen of offers of a platform in a region: how many ended, in how many days."""

    platform: str
    region: str
    ended: int
    offer_days: float


@dataclass(frozen=True)
class Delay:
    """How late a source takes back what ended; the median, since some that are early are wrong."""

    source: str
    taken_back: int
    median_days: float

    @property
    def lag_days(self) -> float:
        """The median, drawn to `PRIOR_LAG_DAYS` as by `PRIOR_LAG_WEIGHT` words."""
        days = PRIOR_LAG_DAYS * PRIOR_LAG_WEIGHT + self.median_days * self.taken_back
        return days / (PRIOR_LAG_WEIGHT + self.taken_back)


def hazards(counts: Iterable[Churn]) -> dict[tuple[str, str], Hazard]:
    """Return the hazard of every platform and region that was counted."""
    regions = list(counts)
    ended: dict[str, float] = defaultdict(lambda: PRIOR_ENDS)
    days: dict[str, float] = defaultdict(lambda: PRIOR_OFFER_DAYS)
    for each in regions:
        ended[each.platform] += each.ended
        days[each.platform] += each.offer_days
    return {
        (each.platform, each.region): Hazard(
            PRIOR_ENDS + each.ended,
            PRIOR_ENDS * days[each.platform] / ended[each.platform] + each.offer_days,
        )
        for each in regions
    }


def confidence(sources: Sources, hazard: Hazard, lags: Mapping[str, float], *, now: float) -> float:
    """Return the probability that an offer plays now, three decimals.

    It is about the offer as the sources tell of it; one past its ``expires_at`` is no offer.

    Args:
        sources: By name, what each says.
        hazard: How fast offers of its platform and region end.
        lags: Days each source is late; `PRIOR_LAG_DAYS` where nothing is known.
        now: Unix second.
    """
    spoken, freshest = 0, inf
    for source, claim in sources.items():
        if len(claim) > TAKEN_BACK:
            continue
        spoken += 1
        age = (now - claim[LAST]) / DAY + lags.get(source, PRIOR_LAG_DAYS)
        freshest = min(freshest, age)
    if not spoken:
        return 0.0
    disputed = spoken < len(sources)
    believed = _settled(sources, hazard, lags) if disputed else _agreed(spoken)
    return round(hazard.survival(freshest) * believed, 3)


def _agreed(sources: int) -> float:
    return 1.0 - float(MISTAKEN**sources)


def _settled(sources: Sources, hazard: Hazard, lags: Mapping[str, float]) -> float:
    """Return how likely those are right who speak of an offer that others took back.

    Who began to say so after that speaks of an offer that came back, and contradicts nobody.
    """
    noes = [claim[TAKEN_BACK] for claim in sources.values() if len(claim) > TAKEN_BACK]
    began = sum(len(c) <= TAKEN_BACK and c[0] > max(noes) for c in sources.values())
    if began:
        return _agreed(began)
    rate = hazard.shape / hazard.rate_days
    wrong = WRONGLY_TAKEN_BACK / (WRONGLY_TAKEN_BACK + rate)
    plays, ended = wrong * MISTAKEN ** (len(noes) - 1), 1.0 - wrong
    for source, claim in sources.items():
        if len(claim) <= TAKEN_BACK:
            days = max(0.0, (claim[LAST] - max(noes)) / DAY)
            late = exp(-days / max(lags.get(source, PRIOR_LAG_DAYS), 1e-3))
            ended *= MISTAKEN + (1.0 - MISTAKEN) * late
    return plays / (plays + ended)


def heir(sources: Sources, source: str, *, now: float) -> tuple[str, str] | None:
    """Return the other source that last said so, with its listing; None where nobody does now.

    Args:
        sources: By name, what each says.
        source: Whose word no longer counts.
        now: Unix second; words older than `STALE_DAYS` count for nothing.
    """
    speaking = [
        (claim[LAST], name)
        for name, claim in sources.items()
        if name != source and len(claim) <= TAKEN_BACK and now - claim[LAST] <= STALE_DAYS * DAY
    ]
    if not speaking:
        return None
    _, name = max(speaking)
    return name, sources[name][LISTING]


def renewed(before: Claim | None, listing: str, *, now: int) -> list[Any]:
    """Return a source's word as of now: since it first said so, unless it had taken that back."""
    keeps = before is not None and len(before) <= TAKEN_BACK
    return [before[0] if before and keeps else now, now, listing]


def claims(sources: Sources, source: str, listing: str) -> bool:
    """Tell whether a source says, by this listing, that the offer plays."""
    found = sources.get(source)
    return found is not None and len(found) <= TAKEN_BACK and found[LISTING] == listing


def with_receipt(offer: dict[str, Any], lags: Mapping[str, float], *, now: float) -> dict[str, Any]:
    """Return an offer as it is read from the database with its receipt as callers are told it.

    Args:
        offer: Is changed: ``sources``, ``shape`` and ``rate_days`` become ``sources``,
            ``confidence`` and ``stale``.
        lags: As for `confidence`.
        now: Unix second.
    """
    said, shape, rate_days = offer.pop("sources"), offer.pop("shape"), offer.pop("rate_days")
    hazard = UNKNOWN if shape is None else Hazard(shape, rate_days)
    offer["sources"] = [_told(source, claim) for source, claim in sorted(said.items())]
    offer["confidence"] = confidence(said, hazard, lags, now=now)
    offer["stale"] = now - max(claim[LAST] for claim in said.values()) > CONFIRMED_DAYS * DAY
    return offer


def _told(source: str, claim: Claim) -> dict[str, Any]:
    return {
        "source": source,
        "first_seen": _moment(claim[0]),
        "last_seen": _moment(claim[LAST]),
        "taken_back_at": _moment(claim[TAKEN_BACK]) if len(claim) > TAKEN_BACK else None,
    }


@lru_cache(8192)
def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
