"""Which files a module takes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.reach import Reach, reach

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Write

FILES = {
    "shared/area/__init__.py": "",
    "shared/area/one.sql": "SELECT 1",
    "shared/area/two.sql": "SELECT 2",
    "shared/area/near.toml": "",
    "shared/area/data/genres.json": "{}",
    "shared/area/data/places.json": "{}",
    "shared/area/data/presets/tmdb.json": "{}",
    "shared/area/steps/__init__.py": "",
    "shared/area/steps/0001.py": "import alembic\n",
    "shared/area/steps/0001.sql": "SELECT 3",
}
PATH = "from pathlib import Path\n"


def reached(checkout: Write, module: str) -> Reach:
    """Return what a function reaches that imports a module holding ``module``."""
    main = "from shared.area import module\n"
    root = checkout({**FILES, "functions/one/main.py": main, "shared/area/module.py": module})
    return reach(root, root / "functions" / "one" / "main.py")


def files(found: Reach) -> set[str]:
    """Return the files that are no modules, and modules that a folder brought."""
    shown = {file.as_posix().removeprefix("shared/area/") for file in found.files}
    return {name for name in shown if not name.endswith(("__init__.py", "module.py"))}


def test_a_module_that_names_no_file_takes_none(checkout: Write) -> None:
    assert files(reached(checkout, "NAME = 'one'\n")) == set()


def test_a_statement_is_found_by_its_name_beside_the_module(checkout: Write) -> None:
    found = reached(checkout, "from shared import text\nONE = text(__file__, 'one')\n")
    assert files(found) == {"one.sql"}


def test_a_path_of_literals_brings_that_file_alone(checkout: Write) -> None:
    module = PATH + "HERE = Path(__file__).parent / 'data'\nG = HERE / 'genres.json'\n"
    found = reached(checkout, module + "def read():\n    return G.read_bytes()\n")

    assert files(found) == {"data/genres.json"}
    assert found.problems == ()


def test_a_folder_that_is_named_as_such_comes_whole(checkout: Write) -> None:
    module = PATH + "ALL = Path(__file__).parent / 'data' / 'presets'\n"
    assert files(reached(checkout, module)) == {"data/presets/tmdb.json"}


def test_a_path_that_ends_in_something_unknown_brings_its_folder(checkout: Write) -> None:
    module = PATH + "DATA = Path(__file__).parent / 'data'\ndef f(x):\n    return DATA / x\n"
    expected = {"data/genres.json", "data/places.json", "data/presets/tmdb.json"}
    assert files(reached(checkout, module)) == expected


def test_modules_in_a_named_folder_are_followed_too(checkout: Write) -> None:
    found = reached(checkout, PATH + "STEPS = Path(__file__).with_name('steps')\n")

    assert files(found) == {"steps/0001.py", "steps/0001.sql"}
    assert [one.module for one in found.packages] == ["alembic"]


def test_a_file_that_does_not_exist_is_named_with_its_line(checkout: Write) -> None:
    found = reached(checkout, PATH + "\nG = Path(__file__).parent / 'gone.json'\n")
    assert found.problems == ("shared/area/module.py:3: names gone.json, which does not exist",)


def test_a_file_outside_the_modules_folder_is_refused(checkout: Write) -> None:
    found = reached(checkout, PATH + "ROOT = Path(__file__).parent.parent / 'text'\n")
    assert "module.py:2: names text, which lies outside" in found.problems[0]


def test_a_module_that_reads_beside_itself_must_name_what(checkout: Write) -> None:
    found = reached(checkout, PATH + "def f(x):\n    return Path(__file__).parent / x\n")
    assert found.problems == (
        "shared/area/module.py:3: uses __file__, but names no file that lies beside it",
    )
