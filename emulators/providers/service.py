"""The fake providers as one endpoint of the local cloud."""

from pathlib import Path
from typing import Final

from emulators.core.context import Context
from emulators.core.server import Endpoint
from emulators.providers.allowances import TARIFFS, Accounts, Tariffs
from emulators.providers.catalog import SAMPLE, read_titles
from emulators.providers.identity.routes import identity_routes
from emulators.providers.identity.state import State as Identities
from emulators.providers.limits import Meter, Plan
from emulators.providers.rest import NAME, Api
from emulators.providers.store import Store
from emulators.providers.tmdb import Tmdb
from emulators.providers.watchmode import Watchmode
from emulators.providers.youtube import YouTube

DEFAULT_PLAN: Final = Plan()


async def endpoint(
    context: Context,
    *,
    catalog: Path = SAMPLE,
    plan: Plan = DEFAULT_PLAN,
    tariffs: Tariffs = TARIFFS,
) -> Endpoint:
    """Serve a catalogue file, with the changes made since its first start.

    Args:
        context: Clock, journal and faults of the local cloud.
        catalog: JSON Lines, plain or ``.gz``, in the form of the sample.
        plan: What every key may ask of Streaming Availability that has no plan of its own.
        tariffs: What every key may ask of the other services.
    """
    store = Store(context.clock, context.journal, read_titles(catalog))
    meter = Meter(context.clock, context.journal, plan)
    # The epoch is part of what the first answer says.
    await context.journal.commit()
    api = Api(store, meter, faults=context.faults, journal=context.journal)
    accounts = Accounts(context.clock, context.journal, tariffs)
    faces = [face(store, accounts, context) for face in (Tmdb, Watchmode, YouTube)]
    routes = [route for face in faces for route in face.routes()]
    elsewhere = identity_routes(context, Identities(context.clock))
    return Endpoint(name=NAME, routes=lambda: [*routes, *elsewhere, *api.routes()])
