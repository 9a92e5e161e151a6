"""The one process of all emulators, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.serve import main

if TYPE_CHECKING:
    import pytest


def test_an_argument_is_refused_and_where_to_look_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 2
    assert capsys.readouterr().err.startswith("--help: there are no arguments")
