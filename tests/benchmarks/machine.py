"""What a figure was measured on, and how figures are written."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
Row = tuple[str, str, str]


def description() -> str:
    """Return processor, cores, memory, system, Python and commit in a few lines."""
    memory = psutil.virtual_memory().total / 2**30
    return "\n".join(
        (
            f"processor  {_processor()}, {os.cpu_count()} cores",
            f"memory     {memory:.1f} GiB",
            f"system     {platform.system()} {platform.release()}",
            f"python     {platform.python_version()}",
            f"commit     {_git('rev-parse', '--short=12', 'HEAD')}{_changed()}",
            f"load       {' '.join(f'{load:.2f}' for load in os.getloadavg())} before the start",
        )
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _changed() -> str:
    """Say so where what is measured is not what the commit holds."""
    return " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""


def _git(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", *words],  # noqa: S607 - whichever git there is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "unknown (no git)"
    return done.stdout.strip()


def percentiles(seconds: Sequence[float]) -> str:
    """Return ``p50 1.0, p95 2.0, p99 3.0 ms`` of some durations."""
    p50, p95, p99 = np.quantile(seconds, (0.5, 0.95, 0.99)) * 1000
    return f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms"


def memory(pid: int) -> tuple[float, int]:
    """Return the MiB of a process and all its descendants, and how many they are.

    Each shared page counts once in the sum (proportional set size) where the kernel tells it;
    elsewhere the sum of resident sizes, which counts shared pages once per process.
    """
    first = psutil.Process(pid)
    total = count = 0
    for process in (first, *first.children(recursive=True)):
        try:
            found = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        total += getattr(found, "pss", found.rss)
        count += 1
    return total / 2**20, count
