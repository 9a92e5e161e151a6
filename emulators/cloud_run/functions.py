"""What the host knows of a function: its manifest, read as JSON from the product's own program."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators.managed.process import LaunchError, run

GATEWAY = "gateway"


@dataclass(frozen=True)
class Schedule:
    """When the scheduler calls a function."""

    cron: str
    time_zone: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """One function folder.

    Attributes:
        name: Of the folder, ``search_query``.
        service: As it is deployed, ``search-query``.
        main: Its ``main.py``.
        timeout_seconds: Longest a request, or a task of a job, may take.
        topics: Pushed to it.
        keeps_dead_letters: What consumers of any topic failed at is pushed to it.
        schedule: When it is called without an event.
        tasks: Of one execution of a job; 0 where it is no job.
        max_retries: How often a failed task is tried again.
        publishes: Topics it publishes to.
        secrets: Names of secrets it reads.
        least_instances: How many there are while nobody calls it.
    """

    name: str
    service: str
    main: Path
    timeout_seconds: int = 30
    topics: tuple[str, ...] = ()
    keeps_dead_letters: bool = False
    schedule: Schedule | None = None
    tasks: int = 0
    max_retries: int = 0
    publishes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    least_instances: int = 1

    @property
    def is_always_up(self) -> bool:
        """Whether a process of it waits for the first call."""
        return self.is_public or self.least_instances > 0

    @property
    def is_job(self) -> bool:
        """Whether it runs to its end instead of answering requests."""
        return self.tasks > 0

    @property
    def is_public(self) -> bool:
        """Whether it is called without an identity token."""
        return self.name == GATEWAY


def from_manifest(manifest: Mapping[str, Any], folder: Path) -> Function:
    """Return the function a manifest describes, below ``folder``."""
    schedule, job = manifest.get("schedule"), manifest.get("job")
    event = manifest.get("event") or {}
    return Function(
        name=manifest["name"],
        service=manifest["service"],
        main=folder / manifest["name"] / "main.py",
        timeout_seconds=manifest.get("timeout_seconds", 30),
        topics=tuple(event.get("topics", ())),
        keeps_dead_letters=event.get("dead_letters", False),
        schedule=_schedule(schedule) if schedule is not None else None,
        tasks=0 if job is None else job.get("tasks", 1),
        max_retries=0 if job is None else job.get("max_retries", 0),
        publishes=tuple(manifest.get("publishes", ())),
        secrets=tuple(manifest.get("secrets", ())),
        least_instances=(manifest.get("scaling") or {}).get("min", 0),
    )


def _schedule(declared: Mapping[str, Any]) -> Schedule:
    zone = declared.get("time_zone", "Etc/UTC")
    return Schedule(declared["cron"], zone, declared.get("body") or {})


def from_manifests(manifests: Sequence[Mapping[str, Any]], folder: Path) -> list[Function]:
    """Return the functions of a list as ``python -m functions.manifest --json`` prints it."""
    return [from_manifest(manifest, folder) for manifest in manifests]


def read_functions(root: Path, env: Mapping[str, str]) -> list[Function]:
    """Ask the product below ``root`` for its manifests.

    Raises:
        LaunchError: A manifest is wrong; the message is the product's own.
    """
    printed = _printed_by_manifests(root, env, "--json")
    return from_manifests(json.loads(printed), root / "functions")


def read_routes(root: Path, env: Mapping[str, str]) -> str:
    """Ask the product below ``root`` for the gateway's route table, as JSON.

    Raises:
        LaunchError: A manifest is wrong; the message is the product's own.
    """
    return _printed_by_manifests(root, env, "--routes")


def _printed_by_manifests(root: Path, env: Mapping[str, str], option: str) -> str:
    done = run([sys.executable, "-m", "functions.manifest", option], env=env, cwd=root)
    if done.returncode != 0:
        raise LaunchError(f"the manifests cannot be read: {done.stderr.strip()}")
    return done.stdout
