"""Which modules and packages a ``main.py`` reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions.reach import Reach, reach

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Write

CONNECT = (
    "def addresses():\n    return {}\n"
    "def engine():\n    import sqlalchemy\n    return sqlalchemy\n"
    "class Client:\n    def call(self):\n        from httpx2 import get\n        return get\n"
)


def reached(checkout: Write, main: str, **modules: str) -> Reach:
    """Return what ``main`` reaches where ``shared/<name>.py`` holds what ``modules`` say."""
    files = {f"shared/{name}.py": text for name, text in modules.items()}
    root = checkout({"functions/one/main.py": main, **files})
    return reach(root, root / "functions" / "one" / "main.py")


def packages(found: Reach) -> set[str]:
    return {one.module for one in found.packages}


def test_a_module_brings_what_it_imports_and_the_packages_it_lies_in(checkout: Write) -> None:
    files = {"area/__init__": "", "area/plan": "from shared.clock import now\n"}
    found = reached(checkout, "import shared.area.plan\n", **files, clock="now = 1\n", other="")

    assert found.modules == ("shared", "shared.area", "shared.area.plan", "shared.clock")
    assert found.problems == ()


def test_an_import_for_types_alone_is_not_followed(checkout: Write) -> None:
    types = "if typing.TYPE_CHECKING:\n    import redis\n    from shared.clock import X\n"
    main = f"import typing\n{types}else:\n    import httpx2\n"
    found = reached(checkout, main, clock="X = 1\n")

    assert packages(found) == {"httpx2"}
    assert found.modules == ()


def test_an_import_inside_a_function_counts_where_the_function_is_mentioned(
    checkout: Write,
) -> None:
    asked = "from shared import connect\n\ndef handle():\n    return connect."
    idle = reached(checkout, asked + "addresses()\n", connect=CONNECT)
    busy = reached(checkout, asked + "engine()\n", connect=CONNECT)

    assert packages(idle) == set()
    assert packages(busy) == {"sqlalchemy"}
    assert "shared.connect.engine" in busy.definitions - idle.definitions


def test_an_import_inside_a_method_counts_where_the_class_is_mentioned(checkout: Write) -> None:
    main = "from shared.connect import Client\n\ndef handle():\n    return Client()\n"
    assert packages(reached(checkout, main, connect=CONNECT)) == {"httpx2"}


@pytest.mark.parametrize(
    "main",
    [
        "from shared import connect\n\nclients = [connect]\n",
        "import shared.connect\n",
        "from shared.connect import *\n",
        "from shared.again import connect\n\nvalue = connect\n",
    ],
)
def test_a_module_that_is_handed_on_counts_whole(checkout: Write, main: str) -> None:
    found = reached(checkout, main, connect=CONNECT, again="from shared import connect\n")
    assert packages(found) == {"httpx2", "sqlalchemy"}


def test_a_mention_through_another_modules_import_counts(checkout: Write) -> None:
    main = "from shared import again\n\ndef handle():\n    return again.connect.engine()\n"
    found = reached(checkout, main, connect=CONNECT, again="from shared import connect\n")
    assert "sqlalchemy" in packages(found)


def test_a_definition_that_a_decorator_of_ours_takes_counts(checkout: Write) -> None:
    ours = "from shared.marks import register\n\n@register\ndef late():\n    import redis\n"
    language = "from functools import cache\n\n@cache\ndef late():\n    import redis\n"
    marks = "def register(found):\n    return found\n"

    assert packages(reached(checkout, "from shared import a\n", a=ours, marks=marks)) == {"redis"}
    assert packages(reached(checkout, "from shared import a\n", a=language)) == set()


@pytest.mark.parametrize(
    ("main", "problem"),
    [
        ("import os\nimport importlib\n", "main.py:2: an import made at run time"),
        ("from importlib import import_module\n", "main.py:1: an import made at run time"),
        ("\n\nx = __import__('json')\n", "main.py:3: an import made at run time"),
        ("def handle():\n    import importlib.util\n", "main.py:2: an import made at run time"),
        ("from shared.nowhere import x\n", "main.py:1: there is no module shared.nowhere"),
        ("from shared import nothing\n", "main.py:1: shared has no nothing"),
        ("from functions.manifest import read\n", "functions.manifest is no part of a bundle"),
        ("from . import near\n", "main.py:1: . is no part of a bundle"),
        ("import json\ndef broken(:\n", "main.py:2: "),
        ("from shared import a\n", "shared/a.py:1: there is no module shared.gone"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_line(
    checkout: Write, main: str, problem: str
) -> None:
    found = reached(checkout, main, a="import shared.gone\n")
    assert len(found.problems) == 1
    assert problem in found.problems[0]


def test_reading_ones_own_metadata_is_no_dynamic_import(checkout: Write) -> None:
    assert reached(checkout, "from importlib.metadata import version\n").problems == ()


def test_a_package_is_named_with_the_first_place_that_imports_it(checkout: Write) -> None:
    found = reached(checkout, "import json\n\nimport redis\n")
    assert list(found.packages.values()) == ["functions/one/main.py:3"]
