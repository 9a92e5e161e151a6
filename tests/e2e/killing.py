"""Takes parts of a catalog in, and kills the process of a step meanwhile."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from emulators.hub.calls import call
from tests.e2e.aftermath import Aftermath, Told, differences
from tests.e2e.cloud import Cloud, quietly
from tests.e2e.parts import Part, first_editions, write

EXPORT = ("--provider", "generic", "--preset", "justwatch", "--platform", "netflix")
END_SECONDS = 180
POLL_SECONDS = 0.005
TICK_SECONDS, CALM_SECONDS = 0.5, 2.0
MOMENTS = {
    "catalog_fetch": 0.2,
    "catalog_normalize": 0.2,
    "catalog_resolve": 0.3,
    "catalog_enrich": 0.8,
    "search_index": 0.2,
    "outbox_relay": 0.2,
    "emulators": 2.0,
}
"""How long after its work may have begun a step is killed at the latest, in seconds."""


@dataclass(frozen=True)
class Kill:
    """Which step dies, and how long after its work may have begun."""

    part: Part
    step: str
    after: float


def kills(count: int, *, seed: int, first: int = 1) -> list[Kill]:
    """Return kills, one for each part from the ``first``; steps come equally often."""
    chance = random.Random(seed)
    steps: list[str] = []
    while len(steps) < count:
        steps += chance.sample(sorted(MOMENTS), len(MOMENTS))
    return [
        Kill(Part(number), step, chance.uniform(0, MOMENTS[step]))
        for number, step in enumerate(steps[:count], start=first)
    ]


@dataclass(frozen=True)
class Stage:
    """One cloud, and what is asked of it."""

    cloud: Cloud
    aftermath: Aftermath
    folder: Path

    def take_in(self, name: str, file: Path) -> str:
        """Begin to take a file in; return the name of the operation."""
        args = [*EXPORT, "--region", "US", "--path", str(file), "--run-id", name]
        body = {"overrides": {"containerOverrides": [{"args": args}]}}
        at = self.cloud.record()["variables"]
        place = f"projects/{at['GOOGLE_CLOUD_PROJECT']}/locations/{at['GOOGLE_CLOUD_LOCATION']}"
        url = f"{self._host}/{place}/jobs/catalog-fetch:run"
        return str(call("POST", url, body).required()["name"])

    @property
    def _host(self) -> str:
        return f"http://{self.cloud.address('cloud_run')}/apis/run.googleapis.com/v2"

    def fetched(self, operation: str) -> bool:
        """Tell whether fetching has ended; it may not have failed."""
        found = call("GET", f"{self._host}/{operation}").required()
        assert "error" not in found, found["error"]
        return bool(found["done"])

    def relay(self) -> None:
        """Do what the schedule does each minute: publish what a crash left waiting."""
        at = self.cloud.record()["variables"]
        place = f"projects/{at['GOOGLE_CLOUD_PROJECT']}/locations/{at['GOOGLE_CLOUD_LOCATION']}"
        url = f"http://{self.cloud.address('scheduler')}/v1/{place}/jobs/outbox-relay:run"
        quietly(lambda: call("POST", url, {}).required())

    def fetching(self) -> int | None:
        """Return the process that fetches, if one does now."""
        host = psutil.Process(self.cloud.child("functions"))
        for process in host.children(recursive=True):
            try:
                if process.cmdline()[1:4] == ["-m", "shared.runtime.jobs", "catalog_fetch"]:
                    return process.pid
            except psutil.Error:
                continue
        return None

    def pid(self, step: str) -> int | None:
        """Return the process of a step, None where there is none now."""
        if step == "catalog_fetch":
            return self.fetching()
        if step == "emulators":
            return self.cloud.child("emulators")
        found = quietly(lambda: self.cloud.functions().get(step, {}).get("pid"))
        return int(found) if found else None

    def may_work(self, step: str, run_id: str) -> bool:
        """Tell whether there is, or was, something for a step to do."""
        asked = self.aftermath
        begun: Mapping[str, Callable[[], object]] = {
            "catalog_fetch": self.fetching,
            "catalog_normalize": lambda: asked.pages(run_id),
            "catalog_resolve": lambda: asked.published(run_id, "title.normalized"),
            "catalog_enrich": lambda: asked.published(run_id, "content.ingested"),
            "search_index": lambda: asked.published(run_id, "metadata.enriched"),
            "outbox_relay": lambda: asked.pages(run_id),
            "emulators": lambda: True,
        }
        return bool(begun[step]())

    def kill(self, kill: Kill, run_id: str) -> None:
        """Wait for the moment, and end the process."""
        deadline = time.monotonic() + END_SECONDS
        while not self.may_work(kill.step, run_id):
            assert time.monotonic() < deadline, f"{kill.step} has nothing to do"
            time.sleep(POLL_SECONDS)
        if kill.step == "outbox_relay":
            self.relay()
        time.sleep(kill.after)
        if pid := self.pid(kill.step):
            self.cloud.kill(pid)

    def settled(self, operation: str, met: Callable[[], object], what: str) -> None:
        """Wait until fetching has ended and ``met``; the relay runs as its schedule has it."""
        deadline, ticked = time.monotonic() + END_SECONDS, 0.0
        while not (quietly(lambda: self.fetched(operation)) and met()):
            now = time.monotonic()
            assert now < deadline, what
            if now - ticked > TICK_SECONDS:
                self.relay()
                ticked = now
            time.sleep(0.05)

    def first_editions(self, parts: Sequence[Part]) -> None:
        """Take in what parts have from the beginning; return once all of it is in the index."""
        name = f"first-{parts[0].number}"
        file = write(self.folder / f"{name}.csv", list(first_editions(parts)))
        operation = self.take_in(name, file)

        def indexed() -> bool:
            return all(self.aftermath.indexed(part) == len(part.first()) for part in parts)

        self.settled(operation, indexed, "first editions")

    def undisturbed(self, part: Part) -> Told:
        """Take a second edition in and return what became of it, once nothing changes any more."""
        seen: dict[str, object] = {"told": None, "since": time.monotonic()}

        def calm() -> bool:
            told = self.told(part)
            if told != seen["told"]:
                seen.update(told=told, since=time.monotonic())
            return time.monotonic() - float(str(seen["since"])) > CALM_SECONDS

        self.settled(self._second(part), calm, "the undisturbed run")
        return self.told(part)

    def disturbed(self, kill: Kill, expected: Told) -> None:
        """Take a second edition in through a kill; return once its end is the expected one."""
        operation = self._second(kill.part)
        self.kill(kill, run_of(kill.part))

        def as_expected() -> bool:
            found = quietly(lambda: self.told(kill.part))
            return found is not None and not differences(found, expected)

        try:
            self.settled(operation, as_expected, f"{kill}")
        except AssertionError:
            left = differences(self.told(kill.part), expected)
            raise AssertionError(f"{kill}:\n" + "\n".join(left[:40])) from None

    def told(self, part: Part) -> Told:
        """Return what became of a part's second edition."""
        return self.aftermath.of(part, run_of(part))

    def _second(self, part: Part) -> str:
        run_id = run_of(part)
        return self.take_in(run_id, write(self.folder / f"{run_id}.csv", part.second()))


def run_of(part: Part) -> str:
    """Return the run that brings a part's second edition in."""
    return f"second-{part.number}"
