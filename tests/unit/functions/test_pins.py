"""What a group of the project installs."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from functions import pins
from functions.bundle import NOT_SHIPPED, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUPS = pins.read_groups(ROOT / "pyproject.toml")
PINS = pins.read_pins(ROOT / "requirements.txt")
SHIPPED = sorted(GROUPS.by_name.keys() - NOT_SHIPPED)
WRITTEN = """\
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via project (pyproject.toml:one)
beta-kit==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:ba
    # via
    #   Alpha
    #   project (pyproject.toml:two)
beta-kit==2.1 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
    # via alpha
gamma==3.0 \\
    --hash=sha256:ca
    # via beta_kit
delta==4.0 \\
    --hash=sha256:da
    # via project (pyproject.toml:two)
"""


@pytest.fixture
def written(tmp_path: Path) -> list[pins.Pin]:
    file = tmp_path / "requirements.txt"
    file.write_text(WRITTEN, encoding="utf-8")
    return pins.read_pins(file)


def test_a_group_brings_what_its_packages_ask_for_and_nothing_else(
    written: list[pins.Pin],
) -> None:
    assert pins.closure(written, {"alpha"}) == {"alpha", "beta-kit", "gamma"}
    assert pins.closure(written, {"gamma"}) == {"gamma"}


def test_every_version_of_a_name_keeps_its_hashes_and_says_nothing_of_who_asked(
    written: list[pins.Pin],
) -> None:
    text = pins.requirements(written, frozenset({"beta-kit"}))
    assert text == (
        "beta-kit==2.0 ; python_full_version < '3.12' \\\n    --hash=sha256:ba\n"
        "beta-kit==2.1 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb\n"
    )


def test_a_name_without_a_pin_is_an_error(written: list[pins.Pin]) -> None:
    with pytest.raises(LookupError, match="epsilon: not pinned"):
        pins.closure(written, {"alpha", "epsilon"})


def test_a_group_in_a_group_is_resolved(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    groups = 'one = ["Alpha_x>=1"]\ntwo = ["beta", {include-group = "one"}]\n'
    file.write_text(f"[project]\ndependencies = ['zeta[fast]>1']\n[dependency-groups]\n{groups}")

    found = pins.read_groups(file)

    assert found.base == {"zeta"}
    assert found.by_name["two"] == {"alpha-x", "beta"}


def asked_for(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what an installed distribution asks for on this machine."""
    for written in metadata.distribution(name).requires or ():
        found = Requirement(written)
        chosen = (
            [found.marker.evaluate({"extra": e}) for e in extras or {""}] if found.marker else []
        )
        if found.marker is None or any(chosen):
            yield found


@pytest.mark.parametrize("group", SHIPPED)
def test_a_groups_pins_hold_everything_that_its_packages_ask_for(group: str) -> None:
    wanted = GROUPS.base | GROUPS.by_name[group]
    closure = pins.closure(PINS, wanted)
    seen: set[tuple[str, frozenset[str]]] = set()
    pending = [(name, frozenset[str]()) for name in wanted]
    while pending:
        name, extras = pending.pop()
        if (name, extras) not in seen:
            seen.add((name, extras))
            asked = asked_for(name, extras)
            pending += [(pins.canonical(one.name), frozenset(one.extras)) for one in asked]

    assert len(seen) > len(wanted)
    assert {name for name, _ in seen} <= closure


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("orjson", "", {"orjson"}),
        ("sqlalchemy.exc", "DBAPIError", {"sqlalchemy"}),
        ("google.cloud", "pubsub_v1", {"google-cloud-pubsub"}),
        ("google.cloud.sql.connector", "Connector", {"cloud-sql-python-connector"}),
        ("google.oauth2", "id_token", {"google-auth"}),
        ("no_such_module.at_all", "x", set()),
    ],
)
def test_an_import_is_provided_by_who_ships_its_file(
    module: str, name: str, expected: set[str]
) -> None:
    assert pins.providers(module, name) == expected
