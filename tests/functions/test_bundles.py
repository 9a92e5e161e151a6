"""A bundle is all it takes: installed into a clean environment, it serves.

The environments hold the bundle's own pins, installed with their hashes and without a network, and
know nothing of this checkout; what serves is functions-framework alone, as in the cloud.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from functions.bundle import Project
from tests.functions.clean_environment import (
    Environments,
    NotInstallableError,
    run,
    surroundings,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from emulators.managed.postgres import Postgres

PROJECT = Project()
WIDEST = "catalog_enrich"
"""Reaches SQL, topics and the model; the others take a minute together, so `make soak` has them."""
FOLDERS = [
    name if name == WIDEST else pytest.param(name, marks=pytest.mark.soak)
    for name in sorted(PROJECT.manifests)
]
PATIENCE_SECONDS = 30
LOAD = """
import importlib, json, pathlib, sys
sys.path.insert(0, "")  # as the framework and the entry point of a job do
import main
for name in sys.argv[1:]:
    importlib.import_module(name)
places = {str(m.__file__) for m in list(sys.modules.values()) if getattr(m, "__file__", None)}
allowed = (sys.prefix, sys.base_prefix, str(pathlib.Path.cwd()))
outside = [place for place in places if not place.startswith(allowed)]
print(json.dumps({"handle": callable(main.handle), "outside": outside}))
"""


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """Clean environments of this session, one for each set of pins."""
    return Environments(tmp_path_factory.mktemp("environments"))


def python(environments: Environments, requirements: bytes) -> Path:
    """Return a clean interpreter, or skip where its packages cannot be had."""
    try:
        return environments.python(requirements)
    except NotInstallableError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_bundle_loads_and_finds_every_package_that_it_may_ever_import(
    environments: Environments, tmp_path: Path, folder: str
) -> None:
    made = PROJECT.bundle(folder)
    interpreter = python(environments, made.files["requirements.txt"])
    later = sorted({one.module for one in PROJECT.reach(folder).packages})

    done = run(interpreter, ["-c", LOAD, *later], unpack(made.files, tmp_path / "bundle"))

    assert later
    assert json.loads(done.stdout) == {"handle": True, "outside": []}


@contextmanager
def served(interpreter: Path, folder: Path, env: Mapping[str, str]) -> Iterator[httpx2.Client]:
    """Serve the bundle in ``folder`` by functions-framework alone."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [
        "-m",
        "functions_framework",
        "--target",
        "handle",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    told = {"FUNCTION_USE_ASGI": "1", **env}
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [str(interpreter), *words], cwd=folder, env=surroundings(told), stderr=output
        )
    try:
        _wait(process, port, said)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the bundle does not serve: {said.read_text()[-2000:]}")


def test_a_bundle_answers_from_the_database(
    environments: Environments, database: str, tmp_path: Path
) -> None:
    made = PROJECT.bundle("catalog_read")
    interpreter = python(environments, made.files["requirements.txt"])
    folder = unpack(made.files, tmp_path / "bundle")

    with served(interpreter, folder, {"MEDIA_GATEWAY_DATABASE_URL": database}) as client:
        genres = client.get("/api/v1/genres")
        missing = client.get("/api/v1/content/0190a8d0-0000-7000-8000-000000000000")

    assert (genres.status_code, genres.json()) == (200, {"items": []})
    assert (missing.status_code, missing.json()["code"]) == (404, "content-not-found")


def test_the_gateways_bundle_knows_its_routes(environments: Environments, tmp_path: Path) -> None:
    archive = tmp_path / "gateway.zip"
    archive.write_bytes(PROJECT.bundle("gateway").content)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "bundle")
        interpreter = python(environments, packed.read("requirements.txt"))

    with served(interpreter, tmp_path / "bundle", {}) as client:
        live = client.get("/health/live")
        unknown = client.get("/api/v1/nothing")

    assert (live.status_code, live.json()) == (200, {"status": "healthy"})
    assert (unknown.status_code, unknown.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


def test_what_the_image_of_jobs_holds_brings_the_schema_up(
    environments: Environments, postgres: Postgres, tmp_path: Path
) -> None:
    files = PROJECT.jobs()
    interpreter = python(environments, files["requirements.txt"])
    folder = unpack(files, tmp_path / "app")
    words = ["-m", "shared.runtime.jobs", "db_migrate"]

    with postgres.database() as url:
        done = run(interpreter, words, folder, {"MEDIA_GATEWAY_DATABASE_URL": url})

    version = json.loads(done.stdout.splitlines()[-1])["version"]
    steps = PROJECT.root / "shared/adapters/sql/migrations/versions"
    assert version == max(file.stem for file in steps.glob("0*.py")).partition("_")[0]
