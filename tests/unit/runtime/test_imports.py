"""What starting costs: libraries that are heavy are loaded by the first call that needs them.

Some stand here with what their import was measured to take; a function that reached one of them at
the top of a module would pay that at every cold start.
"""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import shared.adapters
import shared.adapters.redis
import shared.gateway
import shared.kernel
import shared.runtime

ROOT = Path(__file__).parents[3]
HEAVY = frozenset(
    {
        "aiohttp",  # 100 ms
        "alembic",
        "asyncpg",
        "cryptography",
        "google.api_core",  # 190 ms
        "google.auth",  # 100 ms
        "google.cloud.aiplatform",  # over a second
        "google.cloud.aiplatform_v1",  # over a second
        "google.cloud.firestore",
        "google.cloud.pubsub_v1",  # 230 ms
        "google.cloud.secretmanager_v1",  # 190 ms
        "google.cloud.sql",  # 350 ms
        "google.cloud.storage",
        "grpc",
        "httpx2",  # 60 ms
        "joserfc",
        "jsonschema",
        "numpy",
        "onnx",
        "onnxruntime",
        "openai",
        "opentelemetry.exporter",  # 170 ms with the SDK
        "opentelemetry.sdk",
        "pandas",
        "pg8000",
        "prometheus_client",
        "pyarrow",
        "redis",  # 130 ms
        "requests",
        "rich",
        "safetensors",
        "scipy",
        "sklearn",
        "sqlalchemy",  # 140 ms
        "tokenizers",
        "typer",
    }
)
OURS_APART = frozenset({"emulators", "tests", "hypothesis", "pytest"})
"""What nothing that is shipped may load at all."""
LATER = {"shared.runtime.otlp_metrics"}
"""Modules that are loaded by a call, not at the start."""
WITH_NUMBERS = {
    "shared.adapters.answering",
    "shared.adapters.corpus",
    "shared.adapters.reconciling",
    "shared.adapters.resident",
    "shared.adapters.searching",
    "shared.adapters.vector_search",
    "shared.kernel.ragged",
    "shared.kernel.vectors",
}
"""Modules of the functions that compute."""
NUMERIC = {
    "catalog_enrich": {"numpy"},
    "search_index": {"numpy"},
    "search_query": {"numpy"},
    "search_ranking": {"numpy"},
    "search_suggest": {"numpy"},
    "search_trending": {"numpy"},
}
"""Functions that compute, and what they do it with from the start."""
JOBS = {
    "db_migrate": {"alembic", "sqlalchemy"},
    "intent_evaluate": {"numpy"},
    "search_dictionary": {"numpy"},
    "search_edges": {"numpy"},
    "search_evaluate": {"numpy"},
    "search_reconcile": {"numpy"},
    "search_snapshot": {"numpy"},
    "suggest_evaluate": {"numpy"},
    "typos_evaluate": {"numpy"},
}
"""Jobs, which no viewer waits for."""
PACKAGES = (
    shared.kernel,
    shared.gateway,
    shared.adapters,
    shared.adapters.redis,
    shared.runtime,
)
LOAD = """
import importlib, importlib.util, json, sys
for name in json.loads(sys.argv[1]):
    if name.endswith(".py"):
        specification = importlib.util.spec_from_file_location(name.split("/")[-2] + "_main", name)
        module = importlib.util.module_from_spec(specification)
        sys.modules[module.__name__] = module
        specification.loader.exec_module(module)
    else:
        importlib.import_module(name)
print(json.dumps([*sys.modules]))
"""


def core() -> list[str]:
    """Return every module that any function may load at its start."""
    found = [
        module.name
        for package in PACKAGES
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        if not module.ispkg
    ]
    return sorted(set(found) - LATER - WITH_NUMBERS)


def entries() -> dict[str, str]:
    """Return every function's file by its folder."""
    return {file.parent.name: str(file) for file in sorted(ROOT.glob("functions/*/main.py"))}


def loaded(*names: str) -> set[str]:
    """Return what a fresh interpreter holds after loading modules and files of these names."""
    done = subprocess.run(  # noqa: S603 - the interpreter of this test, with a constant program
        [sys.executable, "-c", LOAD, json.dumps(names)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def test_the_core_and_every_light_function_start_without_a_heavy_library() -> None:
    light = [file for name, file in entries().items() if name not in NUMERIC | JOBS]
    modules = core()
    assert "shared.runtime.door" in modules
    assert any("/gateway/" in file for file in light)

    found = loaded(*modules, *light)

    assert set(modules) <= found
    assert found & (HEAVY | OURS_APART) == set()


@pytest.mark.parametrize(("folder", "allowed"), sorted((NUMERIC | JOBS).items()))
def test_another_function_starts_with_what_it_is_known_to_need_and_no_more(
    folder: str, allowed: set[str]
) -> None:
    found = loaded(entries()[folder])
    assert found & (HEAVY | OURS_APART) == allowed


def test_a_heavy_library_would_be_seen() -> None:
    assert loaded("shared.adapters.sql.migrate") & HEAVY >= {"alembic", "sqlalchemy"}
    assert "opentelemetry.sdk" in loaded(*LATER)
