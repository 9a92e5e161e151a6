"""Services as aggregators count them, and the platforms that they are.

An aggregator's "service" is a platform's plan, its store or a channel sold inside it. Which is
which is configuration (``services`` and ``channel_…`` in ``data/platforms.json``): a service that
is not there belongs to no platform of ours and is never guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from shared.catalog.platforms import Platform, configuration, platforms, tier_of
from shared.catalog.raw import ALL_PLATFORMS
from shared.catalog.values import OfferType
from shared.kernel.errors import InvalidInputError
from shared.kernel.text import fold

PROVIDERS = ("tmdb", "justwatch", "ott_details", "watchmode")
_NAME = "name"


@dataclass(frozen=True)
class Service:
    """A platform's plan, store or channel.

    Attributes:
        platform: Whose it is.
        offer: On what terms, where the source says nothing of them.
        flags: What it says of the tier (``ads``, ``premium``).
        tier: The tier itself, for channels.
    """

    platform: Platform
    offer: OfferType
    flags: frozenset[str] = frozenset()
    tier: str | None = None

    def tier_for(self, offer: OfferType) -> str | None:
        """Return the tier of an offer of this service."""
        return self.tier or tier_of(self.platform, offer, flags=self.flags)


@lru_cache(maxsize=8192)
def service_of(provider: str, code: str, name: str = "") -> Service | None:
    """Return the service that a provider calls ``code`` or ``name``, None where it is not ours.

    Args:
        provider: One of `PROVIDERS`; each has codes of its own.
        code: A number or a short name.
        name: What viewers read; it decides where the code is not known.
    """
    known = _known()
    exact = known.get((provider, code)) if code else None
    named = known.get((_NAME, fold_name(name))) if name else None
    return exact or named or _channel(provider, code, name)


def fold_name(name: str) -> str:
    """Return a service's name for comparison; ``+`` reads as the word it stands for."""
    return fold(name.replace("+", " plus "))


@cache
def _known() -> Mapping[tuple[str, str], Service]:
    return {
        key: _service(platforms()[entry["id"]], given)
        for entry in configuration()
        for given in entry.get("services", ())
        for key in _keys(given)
    }


def _keys(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((_NAME, fold_name(name)) for name in given["names"])
    for provider in PROVIDERS:
        yield from ((provider, str(code)) for code in given.get(provider, ()))


def _service(platform: Platform, given: Mapping[str, Any]) -> Service:
    offer = OfferType(given.get("offer", platform.link_offer))
    return Service(platform, offer, frozenset(given.get("flags", ())), given.get("tier"))


def _channel(provider: str, code: str, name: str) -> Service | None:
    """Return a channel that is sold inside a platform (``Starz Amazon Channel``)."""
    for entry in configuration():
        suffix, prefix = entry.get("channel_name", ""), entry.get("channel_code", "")
        folded = fold_name(name)
        tier = folded.removesuffix(suffix).strip() if suffix and folded.endswith(suffix) else ""
        if not tier and prefix and provider == "ott_details" and code.startswith(prefix):
            tier = code.removeprefix(prefix)
        if tier:
            return Service(platforms()[entry["id"]], OfferType.ADDON, tier=tier[:60])
    return None


def codes_of(provider: str, platform: str) -> Sequence[str]:
    """Return what a provider calls a platform's plans and stores.

    Args:
        provider: One of `PROVIDERS`.
        platform: One of our platforms, or `shared.catalog.raw.ALL_PLATFORMS`.

    Raises:
        InvalidInputError: The provider knows the platform by no code.
    """
    found = [
        str(code)
        for entry in configuration()
        if platform in {ALL_PLATFORMS, entry["id"]}
        for given in entry.get("services", ())
        for code in given.get(provider, ())
    ]
    if not found:
        raise InvalidInputError(f"{provider} has no code for platform {platform!r}")
    return found
