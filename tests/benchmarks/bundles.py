"""How large every bundle is, and how long it takes to load where there is nothing but the bundle.

Each is unpacked into a folder of its own and loaded by an environment that holds its pinned
requirements alone. Milliseconds are those of the whole process, interpreter included; the first
run, which writes bytecode, is not counted. The ratio compares seconds of processor inside one
process each, without the interpreter's own start.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from functions import pins
from functions.bundle import NOT_SHIPPED, ROOT, Project
from tests.functions.clean_environment import Environments, surroundings, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.bundle import Bundle
    from tests.benchmarks.machine import Row

REPEATS = 3
CORE = ("gateway", "catalog_read")
TARGET = 0.12
FRAMEWORK = "from functions_framework import aio"
SERVED = "aio.create_asgi_app(target='handle', source='main.py', signature_type='http')"
JOB = "import sys; sys.path.insert(0, ''); import main"
TIMED = "import time; began = time.process_time()\n{code}\nprint(time.process_time() - began)"
EVERY = """
import importlib, json, time
imported, began = [], time.process_time()
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    imported.append(name)
print(json.dumps([time.process_time() - began, imported]))
"""


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    project = Project()
    with tempfile.TemporaryDirectory() as room:
        bench = _Bench(project, Path(room))
        bare = bench.bare()
        rows = [bench.row(project.bundle(folder), bare) for folder in project.manifests]
        return [*rows, *bench.ratios()]


class _Bench:
    """Bundles unpacked below one folder, with an environment for each set of pins."""

    def __init__(self, project: Project, room: Path) -> None:
        self._project = project
        self._room = room
        self._environments = Environments(room)

    def row(self, bundle: Bundle, bare: str) -> Row:
        """Return the row of one bundle."""
        is_job = self._project.manifests[bundle.folder].job is not None
        code = JOB if is_job else f"{FRAMEWORK}; {SERVED}"
        size = f"{len(bundle.content) / 1000:.0f} kB, {len(bundle.modules)} modules"
        what = f"{bundle.folder}: {size}, {len(bundle.requirements)} requirements"
        return what, f"loads in {_milliseconds(self._python(bundle), code, self._at(bundle))}", bare

    def bare(self) -> str:
        """Return what an interpreter and the framework take without any bundle."""
        python = self._python(self._project.bundle("gateway"))
        start, framework = (_milliseconds(python, code, self._room) for code in ("", FRAMEWORK))
        return f"python {start}; with framework {framework}"

    def ratios(self) -> list[Row]:
        """Return how the core's imports compare with those of every dependency."""
        every = _every(self._project.groups.by_name.keys() - {"dev"}, self._project)
        shipped = _every(self._project.groups.by_name.keys() - NOT_SHIPPED, self._project)
        return [self._ratio(folder, every, shipped) for folder in CORE]

    def _ratio(self, folder: str, every: float, shipped: float) -> Row:
        bundle = self._project.bundle(folder)
        python, at = self._python(bundle), self._at(bundle)
        own = min(float(_printed(python, TIMED.format(code=JOB), at)) for _ in range(REPEATS))
        what = f"imports of {folder} against every dependency (target ≤ {TARGET}×)"
        figure = f"{own / every:.3f}×, against what is shipped {own / shipped:.3f}×"
        return what, figure, f"{own:.2f} s of {every:.2f} s, shipped {shipped:.2f} s"

    def _python(self, bundle: Bundle) -> Path:
        return self._environments.python(bundle.files["requirements.txt"])

    def _at(self, bundle: Bundle) -> Path:
        folder = self._room / "bundles" / bundle.folder
        return folder if folder.exists() else unpack(bundle.files, folder)


def _every(groups: Iterable[str], project: Project) -> float:
    """Return the seconds that importing all direct dependencies takes.

    Raises:
        LookupError: One of them could not be imported at all, so the sum would be too small.
    """
    wanted = project.groups.base.union(*(project.groups.by_name[group] for group in groups))
    names = {name: owners for name, owners in _roots().items() if owners & wanted}
    code = EVERY.format(names=sorted(names))
    found = [json.loads(_printed(Path(sys.executable), code, ROOT)) for _ in range(REPEATS)]
    imported = set().union(*(names[name] for _, some in found for name in some))
    if missing := wanted - imported - _not_here(project, wanted):
        raise LookupError(f"not imported: {', '.join(sorted(missing))}")
    return float(min(seconds for seconds, _ in found))


def _not_here(project: Project, wanted: Iterable[str]) -> set[str]:
    """Return the names whose pins are for another Python or system alone."""
    held = set().union(*pins._index().values())
    marked = {p.name for p in project.pins if p.name in wanted and " ; " in p.text}
    return marked - held


def _roots() -> dict[str, set[str]]:
    """Return the topmost public modules of every installed distribution, betas left out."""
    index = pins._index()

    def is_top(name: str) -> bool:
        parts = name.split(".")
        above = [".".join(parts[:n]) for n in range(1, len(parts))]
        return not any(one in index for one in above)

    public = (name for name in index if not name.rpartition(".")[2].startswith("_"))
    return {name: index[name] for name in public if "beta" not in name and is_top(name)}


def _milliseconds(python: Path, code: str, folder: Path) -> str:
    _printed(python, code, folder)
    seconds = []
    for _ in range(REPEATS):
        began = perf_counter()
        _printed(python, code, folder)
        seconds.append(perf_counter() - began)
    return f"{median(seconds) * 1000:.0f} ms (best {min(seconds) * 1000:.0f})"


def _printed(python: Path, code: str, folder: Path) -> str:
    """Return the last line that a fresh process prints; `folder` is all it sees of us."""
    done = subprocess.run(  # noqa: S603 - our own words
        [str(python), "-c", code],
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    return (done.stdout.splitlines() or [""])[-1]
