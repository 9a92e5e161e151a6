"""What callers see while parts of the platform are gone: a timeline, drawn into docs/outages.svg.

A local cloud of its own takes three streams of requests through its gateway: titles that are kept,
titles that nobody kept (they do not exist), and searches. Under that load Redis, PostgreSQL and the
search function are killed, again and again for some seconds, while they are started anew; then the
search function is stopped without being killed, so that it is slow instead of gone.

During each of these a catalog file is taken in, and once more where the command was refused, as by
somebody whose write was not acknowledged: every record that was read is stored or set aside, or it
is lost, and the database has each title once. Recovery is counted from the last kill to the first
of two seconds in which every answer is the one of quiet times.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from sqlalchemy import create_engine, text

from tests.benchmarks.cloud import CommandError, running_cloud
from tests.benchmarks.machine import ROOT, description
from tests.benchmarks.outage_chart import Band, Chart, Mark, Second, drawn
from tests.benchmarks.outage_load import AREAS, Run, load, now, titles
from tests.e2e.cloud import GENERIC, write_catalog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.benchmarks.cloud import Cloud
    from tests.benchmarks.machine import Row
    from tests.benchmarks.outage_load import Seen

PICTURE, PAGE = ROOT / "docs" / "outages.svg", ROOT / "docs" / "outages.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", re.DOTALL)
PATIENCE_SECONDS = 15.0
QUIET_SECONDS, CALM_SECONDS, RECOVERY_TARGET = 6.0, 2.0, 30.0
RECORDS, INTAKE_SECONDS = 150, 120.0


@dataclass(frozen=True)
class Fault:
    """One outage.

    Attributes:
        name: Of what is gone.
        hold: Keeps it away until the seconds are over.
    """

    name: str
    seconds: float
    hold: Callable[[Run, float], Awaitable[int]]


@dataclass(frozen=True)
class Intake:
    """What became of a file: its report, and why it was refused before."""

    report: dict[str, Any]
    refusals: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """How one outage went."""

    fault: str
    began: float
    ended: float
    kills: int
    recovered: float | None
    intake: Intake


def run() -> list[Row]:
    """Return a row per outage; the picture and the page's figures are written."""
    machine = description()
    with running_cloud() as cloud, tempfile.TemporaryDirectory() as room:
        done, outages = asyncio.run(_measured(cloud, Path(room)))
        counted = _counted(cloud)
        bands = [*_breakers(done), *_degraded(cloud.state / "logs" / "gateway.log")]
    first = done.seen[0].at
    marks = [mark for told in outages for mark in _marks(told)]
    gone = [Band("gone", t.fault, t.began, t.ended) for t in outages]
    PICTURE.write_text(drawn(Chart(first, _seconds(done.seen), gone + bands, marks)))
    rows = [*(_row(told, done.seen) for told in outages), counted]
    _write_page(machine, rows)
    return rows


async def _measured(cloud: Cloud, room: Path) -> tuple[Run, list[Told]]:
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        running = Run(cloud, http)
        await _ingested(running, room, 0)
        running.ids = await titles(running)
        told = []
        async with load(running):
            await asyncio.sleep(QUIET_SECONDS)
            for number, fault in enumerate(FAULTS, start=1):
                told.append(await _outage(running, fault, room, number))
                await asyncio.sleep(QUIET_SECONDS)
        return running, told


async def _outage(run: Run, fault: Fault, room: Path, number: int) -> Told:
    """Take a file in, let the fault happen meanwhile, and wait until all is as it was."""
    intake = asyncio.create_task(_ingested(run, room, number))
    await asyncio.sleep(2)
    began = now()
    kills = await fault.hold(run, fault.seconds)
    ended = now()
    recovered = await _recovered(run, ended)
    return Told(fault.name, began, ended, kills, recovered, await intake)


async def _recovered(run: Run, since: float) -> float | None:
    """Return the seconds until answers were those of quiet times, None beyond twice the target."""
    while now() - since < 2 * RECOVERY_TARGET:
        await asyncio.sleep(0.1)
        late = max((s.at for s in run.seen if s.at > since and not s.is_quiet), default=since)
        if now() - late >= CALM_SECONDS:
            return late - since
    return None


async def _killed(seconds: float, pid: Callable[[], Awaitable[int]]) -> int:
    """Kill whatever has the place, as often as another takes it; return how often."""
    last, kills, until = 0, 0, now() + seconds
    while now() < until:
        with suppress(aiohttp.ClientError, TimeoutError, ProcessLookupError, CommandError):
            found = await pid()
            if found not in {0, last}:
                os.kill(found, signal.SIGKILL)
                last, kills = found, kills + 1
        await asyncio.sleep(0.02)
    return kills


def _child(name: str) -> Callable[[Run, float], Awaitable[int]]:
    async def hold(run: Run, seconds: float) -> int:
        async def pid() -> int:
            return run.child(name)

        return await _killed(seconds, pid)

    return hold


async def _kill_search(run: Run, seconds: float) -> int:
    return await _killed(seconds, lambda: run.function("search_query"))


async def _stop_search(run: Run, seconds: float) -> int:
    """Let the function stand still, as one that waits for something would."""
    pid = await run.function("search_query")
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    return 0


FAULTS = (
    Fault("Redis", 6.0, _child("redis")),
    Fault("PostgreSQL", 6.0, _child("postgres")),
    Fault("search function", 6.0, _kill_search),
    Fault("search function, still", 14.0, _stop_search),
)


async def _ingested(run: Run, room: Path, number: int) -> Intake:
    """Take a file of records in, again and again until it is acknowledged.

    Raises:
        CommandError: It was refused for longer than any outage lasts.
    """
    file = room / f"lanterns-{number}.csv"
    write_catalog(file, RECORDS, start=RECORDS * number)
    words = ("ingest", str(file), *GENERIC, "--platform", "netflix")
    refusals: list[str] = []
    until = now() + INTAKE_SECONDS
    while True:
        try:
            return Intake(await asyncio.to_thread(run.cloud.mg, *words), tuple(refusals))
        except CommandError as error:
            refusals.append(str(error))
            if now() > until:
                raise
            await asyncio.sleep(1)


def _breakers(run: Run) -> list[Band]:
    """Return the times in which a breaker was not closed."""
    bands: list[Band] = []
    for area in AREAS:
        said = [(at, phase) for at, name, phase in run.phases if name == area]
        for (at, phase), (until, _) in pairwise(said):
            if phase == "closed":
                continue
            band = Band(phase, f"breaker {area}", at, until)
            if (
                bands
                and replace(bands[-1], began=at, ended=until) == band
                and bands[-1].ended == at
            ):
                bands[-1] = replace(bands[-1], ended=until)
            else:
                bands.append(band)
    return bands


def _degraded(log: Path) -> list[Band]:
    """Return the times in which the gateway said that it works without a shared store.

    It says once a minute that a store is gone, and each time that it is back: the last one counts.
    """
    bands: dict[str, list[Band]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        found = re.search(r'"message":"(\w+)\.(degraded|restored)"', line)
        if found is None:
            continue
        at = datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
        mine = bands.setdefault(found[1], [])
        if found[2] == "degraded":
            mine.append(Band("degraded", f"gateway's own {found[1]}", at, at))
        elif mine:
            mine[-1] = replace(mine[-1], ended=at)
    return [band for mine in bands.values() for band in mine]


def _seconds(seen: Sequence[Seen]) -> list[Second]:
    """Return how many answers of each kind and outcome came in each second."""
    first = seen[0].at
    found = Counter((int(s.at - first), s.kind, s.outcome) for s in seen)
    return [Second(*what, number) for what, number in sorted(found.items())]


def _marks(told: Told) -> list[Mark]:
    """Return when it began and when all was as before."""
    what = told.fault.partition(",")[0]
    marks = [Mark(told.began, f"{what} {'killed' if told.kills else 'stopped'}")]
    if told.recovered is not None:
        marks.append(Mark(told.ended + told.recovered, "as before"))
    return marks


def _row(told: Told, seen: Sequence[Seen]) -> Row:
    recovered = told.recovered
    until = told.ended + (RECOVERY_TARGET if recovered is None else max(recovered, 1.0))
    during = [s for s in seen if told.began <= s.at <= until]
    answers = Counter(f"{s.kind}: {_named(s)}" for s in during)
    how = f"killed {told.kills}×" if told.kills else "stopped"
    after = "not seen" if recovered is None else f"{recovered:.1f} s"
    return (
        f"{told.fault} {how} in {told.ended - told.began:.0f} s: as before after",
        f"{after} (target ≤ {RECOVERY_TARGET:.0f} s); {_intake(told.intake)}",
        "; ".join(f"{number} {what}" for what, number in sorted(answers.items())),
    )


def _named(seen: Seen) -> str:
    said = [str(seen.status) if seen.status else "no answer", seen.code, seen.label]
    said += [f"without {', '.join(seen.degraded)}"] if seen.degraded else []
    return " ".join(word for word in said if word)


def _intake(intake: Intake) -> str:
    report, refused = intake.report, len(intake.refusals)
    kept = f"{report['stored']} stored, {report['set_aside']} set aside"
    said = f"{report['read']} records acknowledged, {kept}, {report['lost']} lost"
    return f"{said}; the command was refused {refused}× before" if refused else said


def _counted(cloud: Cloud) -> Row:
    """Return the row of what the database has of all files; every tenth record has no title."""
    engine = create_engine(cloud.record().variables["MEDIA_GATEWAY_DATABASE_URL"])
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT count(*), count(DISTINCT title) FROM content")
        ).one()
    engine.dispose()
    expected = (len(FAULTS) + 1) * RECORDS * 9 // 10
    return (
        "titles in the database after all of it",
        f"{found[0]}, {found[1]} different",
        str(expected),
    )


def _write_page(machine: str, rows: Sequence[Row]) -> None:
    lines = ["| outage | recovery, records | answers until then |", "|---|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    figures = "\n".join(["```", machine, "```", "", *lines, ""])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(FIGURES.sub(lambda _: figures, page), encoding="utf-8")
