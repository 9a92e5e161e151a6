"""Bundles: what they hold, that they are the same again, and why one is refused."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from functions import bundle, pins
from functions.bundle import ROOT, BundleError, Project

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = Project()
FOLDERS = sorted(PROJECT.manifests)
NEEDED = {"main.py", "function.yaml", "requirements.txt", ".python-version"}
NEW = (
    "summary: Says which number was thought of\narea: search\n"
    "http: [{operation: guess, method: GET, path: /api/v1/guesses, auth: public}]\n"
)
GUESS = (
    "from shared.runtime import http\n\n\n"
    "def guess(_request: http.Request) -> http.Reply:\n    return http.reply({'number': 7})\n\n\n"
    "handle = http.resource(__file__, guess)\n"
)


def sha256(root: Path, folder: str) -> str:
    """Return the digest of a folder's bundle."""
    found: str = Project(root).bundle(folder).description["sha256"]
    return found


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(root: Path, folder: str = "search_guess", manifest: str = NEW) -> None:
    """Put a folder of one endpoint into a checkout."""
    (root / "functions" / folder).mkdir()
    (root / "functions" / folder / "function.yaml").write_text(manifest, encoding="utf-8")
    (root / "functions" / folder / "main.py").write_text(GUESS, encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_bundle_holds_its_folder_what_it_reaches_and_nothing_else(folder: str) -> None:
    made = PROJECT.bundle(folder)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        names = archive.namelist()

    assert names == sorted(made.files)
    assert set(names) >= NEEDED
    assert all(
        name in NEEDED | set(bundle.DOCUMENTS) | {"routes.json"} or name.startswith("shared/")
        for name in names
    )
    assert not [name for name in names if "test" in name or "emulator" in name]
    assert "shared.runtime.settings" in made.modules


def test_statements_travel_with_the_modules_that_name_them() -> None:
    read = PROJECT.bundle("catalog_read").files
    migrate = PROJECT.bundle("db_migrate").files

    assert "shared/adapters/sql/title_page.sql" in read
    assert not [name for name in read if "migrations" in name or "search_" in name]
    assert "shared/adapters/sql/migrations/0001_spine.up.sql" in migrate
    assert "shared/adapters/sql/migrations/versions/0001_spine.py" in migrate
    assert "shared/adapters/sql/title_page.sql" not in migrate
    assert "shared/adapters/sql/search_filter_rest.sql" in PROJECT.bundle("search_query").files


def test_only_the_gateway_carries_the_route_table() -> None:
    carriers = [name for name in FOLDERS if "routes.json" in PROJECT.bundle(name).files]
    table = json.loads(PROJECT.bundle("gateway").files["routes.json"])

    assert carriers == ["gateway"]
    assert "/api/v1/search" in [row["path"] for row in table]


def test_only_what_the_groups_bring_is_installed() -> None:
    gateway = PROJECT.bundle("gateway").requirements
    search = PROJECT.bundle("search_query").requirements
    reading = PROJECT.bundle("catalog_read").requirements

    assert {"functions-framework", "httpx2"} <= gateway
    assert not gateway & {"sqlalchemy", "numpy", "alembic", "onnxruntime"}
    assert {"sqlalchemy", "onnxruntime"} <= search
    assert not search & {"alembic", "argon2-cffi", "pytest"}
    assert not reading & {"google-cloud-pubsub", "numpy", "onnxruntime", "redis"}


def test_every_pin_of_a_bundle_has_a_hash_and_no_address() -> None:
    text = PROJECT.bundle("search_query").files["requirements.txt"].decode()
    pinned = [line for line in text.splitlines() if not line.startswith(" ")]

    assert len(pinned) > 50
    assert text.count("\\\n    --hash=sha256:") >= len(pinned)
    assert "//" not in text
    assert "#" not in text


def test_the_same_input_makes_the_same_bytes_in_another_place(copy: Path) -> None:
    assert {name: sha256(copy, name) for name in ("gateway", "catalog_read")} == {
        name: sha256(ROOT, name) for name in ("gateway", "catalog_read")
    }


def test_a_change_of_what_is_not_reached_leaves_a_bundle_as_it_was(copy: Path) -> None:
    before = sha256(copy, "catalog_read")
    for file in ("shared/search/fusion.py", "functions/search_query/main.py"):
        (copy / file).write_text("# rewritten\n", encoding="utf-8")
    change(copy / "shared/adapters/sql/search_words.sql", "SELECT", "SELECT ")
    change(copy / "requirements.txt", "rapidfuzz==", "rapidfuzz==9")
    add(copy)

    assert sha256(copy, "catalog_read") == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("shared/kernel/errors.py", '"""', '"""Again: '),
        ("shared/adapters/sql/title_page.sql", "SELECT", "SELECT "),
        ("functions/catalog_read/function.yaml", "memory: 512Mi", "memory: 1Gi"),
        ("requirements.txt", "sqlalchemy==", "sqlalchemy==9"),
    ],
)
def test_a_change_of_what_is_reached_makes_another_bundle(
    copy: Path, file: str, old: str, new: str
) -> None:
    before = sha256(copy, "catalog_read")
    change(copy / file, old, new)
    assert sha256(copy, "catalog_read") != before


def refused(root: Path, folder: str) -> str:
    """Return why a folder is refused."""
    with pytest.raises(BundleError) as caught:
        Project(root).bundle(folder)
    return str(caught.value)


def test_a_package_of_no_named_group_is_refused_with_the_line_that_imports_it(copy: Path) -> None:
    manifest = "functions/search_query/function.yaml"
    change(
        copy / manifest,
        "[sql, events, http, search, matching, embeddings, redis, auth, secrets]",
        "[sql, events, search, matching, embeddings, redis, auth, secrets]",
    )

    reason = refused(copy, "search_query")

    assert "shared/adapters/vector_search.py:" in reason
    assert "urllib3 comes with urllib3, which no named group names" in reason
    assert f"{manifest}: dependencies" in reason


def test_a_package_that_is_not_installed_is_refused(copy: Path) -> None:
    change(copy / "functions/gateway/main.py", "from functools", "import nosuch\nfrom functools")
    expected = r"functions/gateway/main.py:3: nothing that is installed provides nosuch"
    assert expected in refused(copy, "gateway")


@pytest.mark.parametrize("group", ["serach", "dev", "local"])
def test_a_group_that_is_none_is_refused_with_file_and_key(copy: Path, group: str) -> None:
    change(copy / "functions/gateway/function.yaml", "[http, ", f"[{group}, http, ")
    expected = (
        f"functions/gateway/function.yaml: dependencies: pyproject.toml has no group '{group}'"
    )
    assert refused(copy, "gateway") == expected


def test_a_group_that_nothing_uses_is_refused_with_file_and_key(copy: Path) -> None:
    change(copy / "functions/gateway/function.yaml", "[http, ", "[matching, http, ")
    expected = (
        "functions/gateway/function.yaml: dependencies: nothing that is reached uses 'matching'"
    )
    assert refused(copy, "gateway") == expected


def test_a_dynamic_import_far_from_the_function_is_refused(copy: Path) -> None:
    change(copy / "shared/kernel/errors.py", "\nfrom ", "\nimport importlib\nfrom ")
    place = r"shared/kernel/errors\.py:\d+: an import made at run time cannot be followed"
    assert re.fullmatch(place, refused(copy, "catalog_read"))


def test_an_unknown_folder_is_refused(copy: Path) -> None:
    assert "functions/no_such/function.yaml" in refused(copy, "no_such")


def test_a_checkout_without_functions_is_refused(copy: Path) -> None:
    for file in (copy / "functions").glob("*/function.yaml"):
        file.unlink()
    with pytest.raises(BundleError, match=r"holds no function\.yaml"):
        Project(copy)


def test_a_new_folder_is_bundled_and_routed_without_any_other_edit(copy: Path) -> None:
    add(copy)
    project = Project(copy)

    made = project.bundle("search_guess")
    table = json.loads(project.bundle("gateway").files["routes.json"])

    assert "shared.runtime.http" in made.modules
    assert made.requirements == pins.closure(project.pins, project.groups.base)
    assert ("search-guess", "/api/v1/guesses") in [(row["service"], row["path"]) for row in table]


def test_the_image_of_jobs_holds_jobs_alone() -> None:
    files = PROJECT.jobs()
    folders = {name.split("/")[1] for name in files if name.startswith("functions/")}

    assert folders == {name for name, manifest in PROJECT.manifests.items() if manifest.job}
    assert "shared/runtime/jobs.py" in files
    assert "shared/runtime/http.py" not in files
    for name in folders:
        own = PROJECT.bundle(name).files["requirements.txt"].decode()
        pinned = [line for line in own.splitlines() if not line.startswith(" ")]
        assert [line for line in pinned if line not in files["requirements.txt"].decode()] == []


def test_the_command_writes_a_bundle_and_what_it_is(tmp_path: Path) -> None:
    out = tmp_path / "build"

    assert bundle.main(["gateway", "--out", str(out)]) == 0
    assert bundle.main(["catalog_read", "--out", str(out)]) == 0

    known = json.loads((out / "manifest.json").read_bytes())
    assert sorted(known) == ["catalog_read", "gateway"]
    assert known["gateway"] == PROJECT.bundle("gateway").description
    assert (out / "functions/gateway.zip").read_bytes() == PROJECT.bundle("gateway").content


@pytest.mark.soak
def test_all_of_them_leave_nothing_old_behind(tmp_path: Path) -> None:
    out = tmp_path / "build"
    (out / "functions").mkdir(parents=True)
    (out / "functions/gone.zip").touch()
    (out / "manifest.json").write_text('{"gone": {}}')

    assert bundle.main(["--all", "--out", str(out)]) == 0

    written = sorted(file.stem for file in (out / "functions").iterdir())
    assert written == FOLDERS == sorted(json.loads((out / "manifest.json").read_bytes()))
    assert (out / "jobs/shared/runtime/jobs.py").is_file()


def test_the_command_says_what_is_wrong_and_how_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bundle.main(["no_such"]) == 1
    assert "functions/no_such/function.yaml" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        bundle.main([])
    with pytest.raises(SystemExit, match="2"):
        bundle.main(["gateway", "--all"])


def test_the_manifests_are_read_without_what_bundles_need() -> None:
    code = "import sys, functions.manifest; print('functions.bundle' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
