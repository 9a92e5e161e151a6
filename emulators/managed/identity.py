"""Who runs PostgreSQL, which refuses to run as root.

An ordinary user runs it as it is. Root becomes an unprivileged id where that id can reach programs
and data; else enters a user namespace in which root is called 1000; else works on a copy of the
programs, with its data, in a short folder that anyone may enter.
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from emulators.managed.binaries import Binaries
from emulators.managed.process import CURRENT, Identity, LaunchError, run

NOBODY = Identity(uid=65534)
NAMESPACE = Identity(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))


@dataclass(frozen=True)
class Placement:
    """Who runs the server, with which programs, on which data folder."""

    identity: Identity
    programs: Path
    data: Path
    note: str = ""


def place(binaries: Binaries, data: Path) -> Placement:
    """Choose how PostgreSQL runs here and make ``data`` (or its stand-in) belong to that user.

    Raises:
        LaunchError: Root can neither become another user nor name itself otherwise.
    """
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    if os.geteuid() != 0:
        return Placement(CURRENT, binaries.folder, data)
    for attempt in (_as_nobody, _in_namespace, _on_a_copy):
        if placement := attempt(binaries, data):
            return placement
    raise LaunchError("PostgreSQL does not run as root, and root cannot become anyone else here")


def _as_nobody(binaries: Binaries, data: Path) -> Placement | None:
    give(data, 65534)
    if _reaches(NOBODY, binaries.folder, data):
        return Placement(NOBODY, binaries.folder, data, "as an unprivileged user")
    return None


def _in_namespace(binaries: Binaries, data: Path) -> Placement | None:
    give(data, 0)
    if shutil.which("unshare") and _reaches(NAMESPACE, binaries.folder, data):
        return Placement(NAMESPACE, binaries.folder, data, "in a user namespace")
    return None


def _on_a_copy(binaries: Binaries, data: Path) -> Placement | None:
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]
    room = Path(tempfile.gettempdir()) / f"mg-pg-{digest}"
    copied, moved = room / "data", _copy_programs(binaries, room)
    copied.mkdir(parents=True, exist_ok=True)
    copied.chmod(0o700)
    give(copied, 65534)
    if _reaches(NOBODY, moved, copied):
        return Placement(NOBODY, moved, copied, f"on data in {room}, since {data} is closed")
    return None


def _copy_programs(binaries: Binaries, room: Path) -> Path:
    room.mkdir(mode=0o755, exist_ok=True)
    if not binaries.package:
        return binaries.folder
    for folder in binaries.package:
        shutil.copytree(folder, room / folder.name, dirs_exist_ok=True)
    return room / binaries.folder.relative_to(binaries.package[0].parent)


def give(folder: Path, uid: int) -> None:
    """Make ``folder`` and all in it belong to ``uid``; free when it already does."""
    if folder.stat().st_uid == uid:
        return
    for root, _, files in os.walk(folder):
        for name in (root, *(os.path.join(root, file) for file in files)):  # noqa: PTH118 - speed
            os.chown(name, uid, uid, follow_symlinks=False)


def _reaches(identity: Identity, programs: Path, data: Path) -> bool:
    check = 'test -w "$1" && exec "$0" --version'
    command = ["/bin/sh", "-c", check, str(programs / "postgres"), str(data)]
    try:
        return run(command, identity=identity).returncode == 0
    except OSError:  # not allowed to change user at all
        return False
