"""docs/api.md is what the manifests say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import api
from functions.manifest import read_all
from tests.unit.functions.test_bundle import add

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_the_page_is_current() -> None:
    assert api.PAGE.read_text(encoding="utf-8") == api.page(read_all()), (
        "run python -m functions.api"
    )


def test_every_route_has_one_row_below_its_area() -> None:
    text = api.page(read_all())
    rows = [line for line in text.splitlines() if line.startswith(tuple(f"| {m}" for m in METHODS))]

    assert len(rows) == sum(len(one.http) for one in read_all().values()) > 0
    assert "| GET | `/api/v1/genres` | public | content | 86400 s | `list_genres` |" in text
    assert text.index("## catalog") < text.index("/api/v1/genres") < text.index("## gateway")


def test_a_new_folder_has_its_row_without_any_other_edit(copy: Path) -> None:
    before = api.page(read_all(copy / "functions"))
    add(copy)
    after = api.page(read_all(copy / "functions"))

    (added,) = set(after.splitlines()) - set(before.splitlines())
    route = "| GET | `/api/v1/guesses` | public | – | – | `guess` | `search-guess` |"
    assert added == f"{route} Says which number was thought of |"


def test_an_old_page_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "PAGE", tmp_path / "api.md")

    assert api.main(["--check"]) == 1
    assert "run python -m functions.api" in capsys.readouterr().err
    assert api.main([]) == 0
    assert api.main(["--check"]) == 0
    assert api.main(["--what"]) == 2
