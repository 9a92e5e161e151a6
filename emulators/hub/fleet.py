"""The four processes of the local cloud: PostgreSQL, Redis, the emulators, the functions host."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import aiohttp

from emulators.hub.children import Child
from emulators.hub.layout import Layout
from emulators.hub.probes import answers, are_ready
from emulators.managed.postgres import Postgres, PostgresOptions
from emulators.managed.process import spawn
from emulators.managed.redis import Redis, RedisOptions
from emulators.services import SERVICES

ORDER = ("postgres", "redis", "emulators", "functions")
EMULATORS = (*SERVICES, "proxy", "console")


class Fleet:
    """Makes the children of one local cloud.

    Attributes:
        postgres: Started by its child.
        redis: Likewise.
        variables: Told to the product's processes besides those of the layout.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        ports, logs = layout.env.ports, layout.logs
        self.postgres = Postgres(
            PostgresOptions(
                layout.state / "postgres",
                logs / "postgres.log",
                port=ports["postgres"],
                durable=True,
            )
        )
        self.redis = Redis(
            RedisOptions(
                layout.state / "redis", logs / "redis.log", port=ports["redis"], durable=True
            )
        )
        self.variables: dict[str, str] = {}

    def postgres_child(self) -> Child:
        """Return PostgreSQL, usable once a query succeeds."""
        return Child(
            name="postgres",
            ports=self._ports("postgres"),
            prepare=self.postgres.prepare,
            launch=self.postgres.launch,
            usable=lambda: asyncio.to_thread(self.postgres.answers),
            log=self._layout.logs / "postgres.log",
            end_signal=signal.SIGINT,
        )

    def redis_child(self) -> Child:
        """Return Redis, usable once it answers a ping."""
        return Child(
            name="redis",
            ports=self._ports("redis"),
            launch=self.redis.launch,
            usable=lambda: asyncio.to_thread(self.redis.answers),
            log=self._layout.logs / "redis.log",
        )

    def emulators_child(
        self, http: aiohttp.ClientSession, restarted: Callable[[], Awaitable[None]]
    ) -> Child:
        """Return the emulators, usable once the console, which starts last, answers.

        Args:
            http: Asks the console.
            restarted: Makes anew what they may have forgotten.
        """
        url = f"{self._layout.url('console')}/_mg/status"
        return Child(
            name="emulators",
            ports=self._ports(*EMULATORS),
            launch=lambda: self._spawn("emulators", "emulators.serve"),
            usable=lambda: answers(http, url),
            log=self._layout.logs / "emulators.log",
            restarted=restarted,
        )

    def functions_child(self, http: aiohttp.ClientSession) -> Child:
        """Return the functions host, usable once every function answers."""
        url = f"{self._layout.url('cloud_run')}/_mg/status"
        return Child(
            name="functions",
            ports=self._ports("cloud_run", "gateway"),
            launch=lambda: self._spawn("functions", "emulators.cloud_run"),
            usable=lambda: are_ready(http, url),
            log=self._layout.logs / "functions.log",
        )

    def _ports(self, *services: str) -> dict[str, int]:
        return {service: self._layout.env.ports[service] for service in services}

    def _spawn(self, name: str, module: str) -> subprocess.Popen[bytes]:
        return spawn(
            [sys.executable, "-m", module],
            log=self._layout.logs / f"{name}.log",
            env=self._layout.process_environment(self.variables),
            cwd=self._layout.root,
        )
