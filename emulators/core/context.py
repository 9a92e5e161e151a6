"""What every emulated service is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.core.chance import Chance
from emulators.core.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import aiohttp

    from emulators.core.clock import Clock
    from emulators.core.faults import Faults
    from emulators.core.identity import Signer
    from emulators.core.journal import Journal


def client_session() -> aiohttp.ClientSession:
    """Return a session for outgoing requests; the first loads aiohttp."""
    import aiohttp  # noqa: PLC0415 - what asks nobody does not need it

    return aiohttp.ClientSession()


@dataclass(frozen=True)
class Context:
    """Time, durable state, faults, identity and the neighbors of one local cloud.

    Attributes:
        clock: The virtual clock of all services.
        journal: What survives a killed process.
        faults: Rules consulted at every call.
        signer: Signs identity tokens of push deliveries and schedules.
        addresses: Address (``127.0.0.1:port``) by service name, filled before the services start.
        http: Makes a client session for outgoing requests; whoever calls it closes the session.
        project: The only project that exists beforehand.
        location: Region of regional resources.
        chance: Where random ids and tokens come from.
        firestore_strict: What Firestore refuses as in production: ``indexes``, ``write_rate``.
        recorder: Notes what arrives, when somebody wants a run recorded.
    """

    clock: Clock
    journal: Journal
    faults: Faults
    signer: Signer
    addresses: Mapping[str, str]
    http: Callable[[], aiohttp.ClientSession]
    project: str = "media-gateway-local"
    location: str = "us-central1"
    chance: Chance = field(default_factory=Chance)
    firestore_strict: frozenset[str] = frozenset()
    recorder: Recorder = field(default_factory=Recorder)
