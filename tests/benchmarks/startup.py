"""How long each function takes to load in a fresh process, and what it then occupies.

Functions are loaded by functions-framework as in the cloud, jobs as ``shared.runtime.jobs`` loads
them; the seconds are those of the whole process, interpreter included. Heavy clients are imported
when they are first used, so a first request costs more than this.

The core is what every function loads before its own: the framework, settings, metrics, traces, logs
and the edge of HTTP and events. The target of 350 ms is the core's; a function adds what its groups
bring: those that search have 700 ms for all of it, those of identity 550.
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from emulators.cloud_run.functions import read_functions
from emulators.core import environment
from tests.benchmarks.machine import ROOT, Row

if TYPE_CHECKING:
    from emulators.cloud_run.functions import Function

REPEATS = 7
CORE_TARGET = 350
TARGETS = {"search": 700, "identity": 550}
"""Of functions, by the first word of their name."""
REPORT = "import json, psutil; print(json.dumps(psutil.Process().memory_info().rss))"
FRAMEWORK = "from functions_framework import aio"
CORE = f"{FRAMEWORK}; import shared.runtime.http, shared.runtime.events"
FUNCTION = "aio.create_asgi_app(target='handle', source={main!r}, signature_type='http')"
JOB = (
    "import importlib.util as u; s = u.spec_from_file_location('main', {main!r}); "
    "m = u.module_from_spec(s); s.loader.exec_module(m)"
)


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    inherited = environment.load().inherited
    bare = f"python {_milliseconds('pass')}; with framework {_milliseconds(FRAMEWORK)}"
    core = _measured(f"load the core (target ≤ {CORE_TARGET} ms)", CORE, bare)
    return [core, *(_row(function, bare) for function in read_functions(ROOT, inherited))]


def _row(function: Function, bare: str) -> Row:
    main = str(function.main)
    code = (
        JOB.format(main=main) if function.is_job else f"{FRAMEWORK}; {FUNCTION.format(main=main)}"
    )
    most = TARGETS.get(function.name.partition("_")[0])
    target = f" (target ≤ {most} ms)" if most else ""
    return _measured(f"load {function.name}{target}", code, bare)


def _measured(what: str, code: str, bare: str) -> Row:
    return what, f"{_milliseconds(code)}, {_resident(code):.0f} MiB", bare


def _milliseconds(code: str) -> str:
    """Return median and best over some fresh processes, after one that fills the page cache."""
    _finished(code)
    seconds = []
    for _ in range(REPEATS):
        began = perf_counter()
        _finished(code)
        seconds.append(perf_counter() - began)
    return f"{median(seconds) * 1000:.0f} ms (best {min(seconds) * 1000:.0f})"


def _resident(code: str) -> float:
    """Return the MiB of a process that has run ``code``."""
    return float(json.loads(_finished(f"{code}\n{REPORT}").splitlines()[-1])) / 2**20


def _finished(code: str) -> str:
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
