"""Folders and their manifests say the same."""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING

import pytest

from functions import manifest
from functions.manifest import FOLDER, ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = sorted(file.parent.name for file in FOLDER.glob("*/main.py"))
ROOT = FOLDER.parent
UNPUBLISHED_YET: dict[str, str] = {}
"""Topics that are consumed and have no publisher, each with the reason."""


def parsed(folder: str) -> ast.Module:
    return ast.parse((FOLDER / folder / "main.py").read_text(encoding="utf-8"))


def names(folder: str) -> set[str]:
    """Return what a module defines at its top, or takes from another of ours."""
    found: set[str] = set()
    for node in parsed(folder).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ImportFrom):
            found |= {name.asname or name.name for name in node.names}
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_holds_a_manifest_one_short_module_and_a_mark(folder: str) -> None:
    found = {file.name for file in (FOLDER / folder).iterdir() if file.is_file()}
    lines = (FOLDER / folder / "main.py").read_text(encoding="utf-8").splitlines()

    assert found == {"main.py", "function.yaml", "__init__.py"}
    assert len([line for line in lines if line.strip()]) <= 60


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_operation_is_a_function_and_every_folder_has_its_handle(folder: str) -> None:
    declared = manifest.read(FOLDER / folder / "function.yaml")
    operations = {route.operation for route in declared.http}
    defined = names(folder)

    assert "handle" in defined
    assert len(operations) == 1 or operations <= defined


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nothing_imports_a_functions_module() -> None:
    guilty = [
        str(file.relative_to(ROOT))
        for part in ("functions", "shared", "emulators")
        for file in (ROOT / part).rglob("*.py")
        for name in imported(file)
        if name == "main" or (name.startswith("functions.") and name.endswith(".main"))
    ]
    assert guilty == []


def test_no_two_functions_claim_one_route() -> None:
    assert set(manifest.read_all()) == set(FOLDERS)


def test_every_topic_has_a_publisher_and_a_consumer() -> None:
    found = manifest.read_all().values()
    published = {topic for each in found for topic in each.publishes}
    consumed = {topic for each in found if each.event for topic in each.event.topics}

    assert consumed - published == set(UNPUBLISHED_YET)
    assert published - consumed == set()


def test_dependencies_are_groups_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = set(project["dependency-groups"]) - {"local", "dev"}
    named = {d for each in manifest.read_all().values() for d in each.dependencies}

    assert named <= groups


def test_the_gateway_offers_every_public_route_and_no_internal_one() -> None:
    table = manifest.routes(manifest.read_all())
    paths = [row["path"] for row in table]

    assert "/api/v1/search" in paths
    assert not [path for path in paths if "/internal/" in path]
    assert [path.count("{") for path in paths] == sorted(path.count("{") for path in paths)


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name / "function.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


JOB = "summary: Does something useful\narea: catalog\njob: {}\n"
ROUTE = (
    "summary: Answers something useful\narea: catalog\nhttp:\n"
    "  - {operation: read, method: GET, path: '/things/{%s}', auth: public}\n"
)


def test_an_unknown_key_is_refused_with_the_files_name(tmp_path: Path) -> None:
    file = written(tmp_path, "some_job", JOB + "memroy: 1Gi\n")
    with pytest.raises(ManifestError, match=r"some_job/function\.yaml: memroy"):
        manifest.read(file)


def test_a_folder_of_two_kinds_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "some_job", JOB + "event: {topics: [content.updated]}\n")
    with pytest.raises(ManifestError, match="one of http, event, schedule or job"):
        manifest.read(file)


def test_broken_yaml_is_refused_with_the_files_name(tmp_path: Path) -> None:
    file = written(tmp_path, "some_job", "summary: [")
    with pytest.raises(ManifestError, match=r"some_job/function\.yaml"):
        manifest.read(file)


def test_templates_that_differ_in_names_only_collide(tmp_path: Path) -> None:
    written(tmp_path, "one_read", ROUTE % "id")
    written(tmp_path, "two_read", ROUTE % "number")
    with pytest.raises(ManifestError, match=r"belongs to one_read\.read and two_read\.read"):
        manifest.read_all(tmp_path)
