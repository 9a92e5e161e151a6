"""Everything forgotten at once, as the vendor's emulator does it on ``POST /reset``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from emulators.core.journal import Journal
    from emulators.pubsub.store import Store

RESETTING = "Resetting...\n"
"""What it answers."""
WELL = "Ok\n"
"""What it answers at ``/``."""


def reset_routes(store: Store, journal: Journal) -> list[web.RouteDef]:
    """Return the paths that are the vendor's emulator's own."""

    async def reset(_request: web.Request) -> web.Response:
        forget_all(store, journal)
        await store.commit()
        return web.Response(text=RESETTING)

    async def root(_request: web.Request) -> web.Response:
        return web.Response(text=WELL)

    return [web.get("/", root), web.post("/reset", reset)]


def forget_all(store: Store, journal: Journal) -> None:
    """Delete all subscriptions, topics, snapshots, schemas and policies, of every project."""
    for name in _names(journal, "pubsub.subscription"):
        store.delete_subscription(name)
    for name in _names(journal, "pubsub.topic"):
        store.delete_topic(name)
    for name in _names(journal, "pubsub.snapshot"):
        store.snapshots.delete(name)
    for name in _names(journal, "pubsub.schema"):
        store.delete_schema(name)
    for name in _names(journal, "pubsub.policy"):
        store.policies.forget(name)


def _names(journal: Journal, space: str) -> list[str]:
    """Return the keys of a space; a schema's revisions have its name once."""
    return list(dict.fromkeys(key.partition("\n")[0] for key, _ in journal.load(space)))
