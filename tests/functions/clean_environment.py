"""Environments that hold a bundle's pinned requirements and nothing else.

They are installed without a network, every hash checked: from the wheel folder that set-up fills,
else from the installer's own cache. Nothing of this checkout is on their path.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from functions.bundle import ROOT, write_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UV = Path(sys.executable).with_name("uv")
WHEELS = ROOT / ".mg" / "wheels"
PATH = "/usr/local/bin:/usr/bin:/bin"


class NotInstallableError(Exception):
    """This machine lacks a wheel, and there is no network to fetch it by."""


class Environments:
    """Environments by their requirements, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def python(self, requirements: bytes) -> Path:
        """Return the interpreter of the environment that holds ``requirements``.

        Raises:
            NotInstallableError: They cannot be had without a network.
        """
        place = self._folder / hashlib.sha256(requirements).hexdigest()[:12]
        python = place / "bin" / "python"
        if not python.exists():
            pins = place.with_suffix(".txt")
            pins.write_bytes(requirements)
            _said([UV, "venv", "-q", "--no-project", "--python", sys.executable, place])
            _install(python, pins)
        return python


def _install(python: Path, pins: Path) -> None:
    hashed: list[str | Path] = ["--require-hashes", "--no-deps", "--offline"]
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "-q",
        "--python",
        python,
        *hashed,
        "-r",
        pins,
    ]
    sources: tuple[list[str | Path], ...] = (["--no-index", "--find-links", WHEELS], [])
    reasons = []
    for source in sources:
        done = _run([*install, *source])
        if done.returncode == 0:
            return
        reasons.append(done.stderr.strip().splitlines()[-1:])
    raise NotInstallableError(f"no wheel and no network: {reasons}")


def run(
    python: Path, words: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in ``folder`` with nothing of our own environment; it must succeed."""
    done = _run([python, *words], cwd=folder, env=surroundings(env))
    assert done.returncode == 0, done.stderr[-4000:]
    return done


def surroundings(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a process that is told ``env`` and little else."""
    return {"PATH": PATH, **(env or {})}


def unpack(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write a bundle's files and return where they are."""
    write_folder(files, folder)
    return folder


def _said(words: Sequence[str | Path]) -> str:
    done = _run(words)
    if done.returncode != 0:
        raise NotInstallableError(done.stderr.strip())
    return done.stdout


def _run(
    words: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    said = [str(word) for word in words]
    return subprocess.run(said, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
