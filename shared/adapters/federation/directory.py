"""The providers of this process, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.federation.apple import AppleProvider
from shared.adapters.federation.github import GitHubProvider
from shared.adapters.federation.oidc import OpenIdProvider
from shared.identity.federation import ProviderUnknownError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.adapters.federation.calling import Caller
    from shared.adapters.federation.configured import ProviderSettings
    from shared.adapters.federation.provider import Provider
    from shared.kernel.clock import Clock


class Directory:
    """Finds providers; each is made once, so that what it said of itself is known."""

    def __init__(self, found: Iterable[ProviderSettings], caller: Caller, clock: Clock) -> None:
        self._providers = {one.id: _made(one, caller, clock) for one in found}

    def find(self, provider: str) -> Provider:
        """Return a provider.

        Raises:
            ProviderUnknownError: There is none of that name.
        """
        found = self._providers.get(provider)
        if found is None:
            raise ProviderUnknownError("nobody signs in by a provider of this name")
        return found


def _made(settings: ProviderSettings, caller: Caller, clock: Clock) -> Provider:
    if settings.kind == "github":
        return GitHubProvider(settings, caller)
    kind = AppleProvider if settings.kind == "apple" else OpenIdProvider
    return kind(settings, caller, clock)
