"""A world of offers whose ends are known, and what sources would have told of it.

Everything the product is not told is drawn here: when each offer really ends, how late each source
is, what it covers, mistakes and goes silent about. What the product would then keep of each offer
is what `shared.adapters.sql.ingest.availability` keeps: each source's first and last word, and when
it was taken back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from shared.catalog.receipts import (
    DAY,
    LAST,
    TAKEN_BACK,
    Churn,
    Delay,
    Hazard,
    confidence,
    hazards,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Chance = np.random.Generator
    Vector = np.ndarray[Any, np.dtype[np.float64]]

LISTING = "1"
STALE_DAYS = 14.0
MISTAKES_LAST = 200.0
"""Mean days until a source finds its mistake."""


@dataclass(frozen=True)
class Voice:
    """One source: how it works, in days and shares."""

    name: str
    lag: float
    every: float
    covers: float
    mistakes: float
    drops: float


VOICES = (
    Voice("prompt", lag=0.2, every=0.25, covers=0.6, mistakes=0.02, drops=0.01),
    Voice("daily", lag=1.0, every=1.0, covers=0.5, mistakes=0.03, drops=0.02),
    Voice("weekly", lag=6.0, every=7.0, covers=0.5, mistakes=0.04, drops=0.02),
    Voice("monthly", lag=15.0, every=30.0, covers=0.4, mistakes=0.05, drops=0.01),
)


@dataclass(frozen=True)
class Settings:
    """How large a world is, how fast its offers end, and how often sources go silent.

    Attributes:
        median_life: Of an offer on a usual platform, in days.
        spread: Standard deviation of a platform's log hazard; regions have half of it.
        silences: Mean number of silences of a source on a platform.
    """

    offers: int = 6_000
    days: float = 500.0
    platforms: int = 8
    regions: int = 3
    median_life: float = 250.0
    spread: float = 0.8
    silences: float = 1.5


@dataclass
class Kept:
    """One offer as the product keeps it, in days of the world; and the truth."""

    place: tuple[str, str]
    first: float
    sources: dict[str, list[Any]]
    ended: float | None
    lapses: int
    plays: bool


@dataclass
class World:
    """Offers by the end of the world's days."""

    settings: Settings
    kept: list[Kept] = field(default_factory=list)

    @property
    def live(self) -> list[Kept]:
        """Offers that the API would show."""
        return [offer for offer in self.kept if offer.ended is None]

    def churn(self) -> list[Churn]:
        """Return what ``count_churn.sql`` counts."""
        ended: dict[tuple[str, str], int] = defaultdict(int)
        days: dict[tuple[str, str], float] = defaultdict(float)
        for offer in self.kept:
            ended[offer.place] += offer.lapses + (offer.ended is not None)
            last = max(claim[LAST] for claim in offer.sources.values()) / DAY
            days[offer.place] += max(0.0, (offer.ended or last) - offer.first)
        return [Churn(*place, ended[place], days[place]) for place in ended]

    def delays(self) -> list[Delay]:
        """Return what ``count_delays.sql`` counts."""
        overdue: dict[str, list[float]] = defaultdict(list)
        for offer in self.kept:
            taken = {n: c[TAKEN_BACK] for n, c in offer.sources.items() if len(c) > TAKEN_BACK}
            if offer.ended is None or len(taken) == 1:
                continue
            first = min(taken.values())
            for name, at in taken.items():
                overdue[name].append((at - first) / DAY)
        return [Delay(n, len(days), float(np.median(days))) for n, days in overdue.items()]

    def predictions(self, *, learned: bool = True) -> tuple[Vector, Vector]:
        """Return confidence and truth (1 or 0) of every live offer.

        Args:
            learned: Use what was counted of this world; else the priors alone.
        """
        known: Mapping[tuple[str, str], Hazard] = hazards(self.churn()) if learned else {}
        lags = {each.source: each.lag_days for each in self.delays()} if learned else {}
        now = self.settings.days * DAY
        said = [
            confidence(offer.sources, known.get(offer.place, Hazard()), lags, now=now)
            for offer in self.live
        ]
        return np.array(said), np.array([float(offer.plays) for offer in self.live])


def world(seed: int, settings: Settings | None = None) -> World:
    """Return a world; the same seed and settings give the same one."""
    given, chance = settings or Settings(), np.random.default_rng(seed)
    made = World(given)
    rates = _rates(given, chance)
    polls = {
        (voice.name, platform): _polls(voice, given, chance)
        for voice in VOICES
        for platform in dict.fromkeys(platform for platform, _ in rates)
    }
    places = list(rates)
    for _ in range(given.offers):
        place = places[chance.integers(len(places))]
        kept = _offer(place, rates[place], polls, given, chance)
        if kept is not None:
            made.kept.append(kept)
    return made


def _rates(given: Settings, chance: Chance) -> dict[tuple[str, str], float]:
    """Draw the true hazard of every platform and region."""
    usual = np.log(2) / given.median_life
    found = {}
    for platform in range(given.platforms):
        own = usual * np.exp(chance.normal(0, given.spread))
        for region in range(given.regions):
            rate = own * np.exp(chance.normal(0, given.spread / 2))
            found[f"platform-{platform}", f"region-{region}"] = float(rate)
    return found


def _polls(voice: Voice, given: Settings, chance: Chance) -> Vector:
    """Draw when a source asks a platform: at its pace, but for silences of 10 to 120 days."""
    times = np.arange(chance.uniform(0, voice.every), given.days, voice.every)
    for _ in range(chance.poisson(given.silences)):
        begin, length = chance.uniform(0, given.days), chance.uniform(10, 120)
        times = times[(times < begin) | (times > begin + length)]
    return times


def _offer(
    place: tuple[str, str],
    rate: float,
    polls: Mapping[tuple[str, str], Vector],
    given: Settings,
    chance: Chance,
) -> Kept | None:
    """Draw one offer and what sources tell of it; None where none ever does."""
    begin = chance.uniform(0, given.days)
    end = begin + chance.exponential(1 / rate)
    told: dict[str, Vector] = {}
    after: dict[str, float] = {}
    real = False
    for voice in VOICES:
        if chance.random() > voice.covers:
            continue
        mistaken = chance.random() < voice.mistakes
        lag = chance.exponential(voice.lag)
        until = begin + chance.exponential(MISTAKES_LAST) if mistaken else end + lag
        if chance.random() < voice.drops:
            until = min(until, chance.uniform(begin, given.days))
        times = polls[voice.name, place[0]]
        spoken = times[(times >= begin + lag) & (times < until)]
        if not spoken.size:
            continue
        real = real or not mistaken
        told[voice.name] = spoken
        later = times[times >= until]
        after[voice.name] = float(later[0]) if later.size else np.inf
    if not told:
        return None
    return _kept(place, told, after, plays=real and end > given.days)


def _kept(
    place: tuple[str, str], told: Mapping[str, Vector], after: Mapping[str, float], *, plays: bool
) -> Kept:
    sources: dict[str, list[Any]] = {}
    for name, times in told.items():
        sources[name] = [times[0] * DAY, times[-1] * DAY, LISTING]
        if np.isfinite(after[name]):
            sources[name].append(after[name] * DAY)
    ended, lapses = None, 0
    for at, name in sorted((at, name) for name, at in after.items() if np.isfinite(at)):
        others = [n for n in told if n != name and after[n] > at]
        if any(_spoke(told[n], at) for n in others):
            continue
        if any(times[-1] > at for times in (told[n] for n in others)):
            lapses += 1  # it ends, and comes back with the other's next word
        else:
            ended = at
    first = min(float(times[0]) for times in told.values())
    return Kept(place, first, sources, ended, lapses, plays)


def _spoke(times: Vector, at: float) -> bool:
    """Tell whether a source spoke within two weeks before a moment."""
    before = times[times <= at]
    return bool(before.size) and at - float(before[-1]) <= STALE_DAYS


@dataclass(frozen=True)
class Bin:
    """Predictions of about one size: how many, their mean, and how many came true."""

    count: int
    said: float
    true: float


def bins(said: Vector, true: Vector, *, number: int = 20) -> list[Bin]:
    """Return as many bins with as equal counts as ties allow, lowest first."""
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, number)
    return [Bin(len(p), float(said[p].mean()), float(true[p].mean())) for p in parts if len(p)]


def brier(said: Vector, true: Vector) -> float:
    """Return the mean square error (Brier, Monthly Weather Review 78, 1950)."""
    return float(np.mean((said - true) ** 2))


def calibration_error(said: Vector, true: Vector) -> float:
    """Return the expected calibration error over equal bins (Naeini et al., AAAI 2015)."""
    found = bins(said, true)
    return sum(b.count * abs(b.said - b.true) for b in found) / sum(b.count for b in found)


def discrimination(said: Vector, true: Vector) -> float:
    """Return the chance that an offer that plays is said to be surer than one that does not."""
    order = np.argsort(np.argsort(said, kind="stable")).astype(np.float64)
    _, inverse, counts = np.unique(said, return_inverse=True, return_counts=True)
    ranks = np.bincount(inverse, weights=order) / counts
    plays = true == 1
    wins = ranks[inverse][plays].sum() - plays.sum() * (plays.sum() - 1) / 2
    return float(wins / (plays.sum() * (~plays).sum()))
