"""One process with every emulator: ``python -m emulators.serve``."""

import asyncio
import dataclasses
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp

from emulators.core import environment
from emulators.core.chance import Chance
from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.keeping import kept_reading
from emulators.core.plain_http import NotedSession
from emulators.core.server import HOST, Running, serve
from emulators.hub.console import Console
from emulators.proxy.production import FOLDER, Production
from emulators.proxy.tunnel import Proxy
from emulators.services import SERVICES, find_service
from emulators.state.recording import Recording, asked_for
from emulators.state.stored import JOURNAL, prepare, replace


@dataclass(frozen=True)
class LocalCloud:
    """What all services of this process share, the clock and faults as the console changes them."""

    context: Context
    clock: VirtualClock
    faults: Faults
    journal: Journal
    recording: Recording | None = None


def make_cloud(env: environment.Environment) -> LocalCloud:
    """Return clock, journal, faults and identity for one run."""
    env.state_dir.mkdir(parents=True, exist_ok=True)
    journal = Journal(env.state_dir / JOURNAL)
    clock = VirtualClock(reading=kept_reading(journal))
    faults = Faults(clock, journal=journal)
    wish = asked_for(env.state_dir) or {}
    context = Context(
        clock=clock,
        journal=journal,
        faults=faults,
        signer=Signer(clock, env.state_dir),
        addresses={name: f"{HOST}:{port}" for name, port in env.ports.items()},
        http=(lambda: session_of(context)) if wish else aiohttp.ClientSession,
        project=env.project,
        location=env.location,
        firestore_strict=env.firestore_strict,
        chance=Chance(wish.get("seed", "")),
    )
    folder = Path(wish["folder"]) if wish else None
    recording = Recording(context, clock, folder, SERVICES) if folder else None
    return LocalCloud(context, clock, faults, journal, recording)


def session_of(context: Context) -> aiohttp.ClientSession:
    """Return a session whose answers are noted in the recording."""
    return cast("aiohttp.ClientSession", NotedSession(context.recorder))


async def start_services(cloud: LocalCloud, env: environment.Environment) -> list[Running]:
    """Start every service there is, and say which are missing."""
    running = []
    for name in SERVICES:
        make = find_service(name)
        if make is None:
            say(f"{name} is not part of this checkout: calls to it are refused")
            continue
        endpoint = dataclasses.replace(await make(cloud.context), recorder=cloud.context.recorder)
        running.append(await serve(endpoint, env.ports[name]))
        say(f"{name} answers at {running[-1].address}")
    return running


async def run(env: environment.Environment) -> None:
    """Serve until SIGTERM, SIGINT or a reset."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    cloud = make_cloud(env)
    running = await start_services(cloud, env)
    production = Production(cloud.context, env.state_dir / FOLDER)
    proxy = Proxy(production.authority, cloud.context.addresses)
    await proxy.start(env.ports["proxy"])
    console = Console(cloud.context, cloud.clock, cloud.faults, stop)
    console.state.under_way, console.state.state_dir = cloud.recording, env.state_dir
    console.state.prepare = lambda folder: prepare(folder, env.state_dir / JOURNAL, try_load)
    endpoint = console.endpoint()
    own = endpoint.routes
    endpoint = dataclasses.replace(endpoint, routes=lambda: [*own(), *production.routes()])
    running.append(await serve(endpoint, env.ports["console"]))
    say(f"ready, console at {running[-1].address}")
    await stop.wait()
    await proxy.stop()
    for service in reversed(running):
        await service.stop()
    if (recording := console.state.under_way) is not None:
        recording.stop()
    cloud.journal.close()
    if console.reset_asked:
        forget(env)
    elif replace(env.state_dir / JOURNAL):
        say("the imported state took the place of what was there")


async def try_load(journal: Journal) -> None:
    """Load every service from a journal, as when they start; raises what is wrong with it."""
    clock = VirtualClock()
    signer = Signer(clock)
    context = Context(clock, journal, Faults(clock), signer, {}, aiohttp.ClientSession)
    for make in filter(None, map(find_service, SERVICES)):
        await make(context)


def forget(env: environment.Environment) -> None:
    """Remove what the services kept; whoever watches this process starts it anew."""
    for file in env.state_dir.glob(JOURNAL + "*"):
        file.unlink()
    say("everything the emulators kept was removed")


def say(text: str) -> None:
    """Write one line to the log of this process."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] = ()) -> int:
    """Serve; 2 where something is asked for by argument, or the environment is impossible."""
    if arguments:
        sys.stderr.write(
            f"{arguments[0]}: there are no arguments; the environment tells ports and folder"
            " (docs/emulators.md)\n"
        )
        return 2
    try:
        env = environment.load()
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    asyncio.run(run(env))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
