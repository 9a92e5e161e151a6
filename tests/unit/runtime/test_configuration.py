"""Where settings come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shared.runtime.configuration import explained, main
from shared.runtime.settings import unknown
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_environment_beats_the_file_and_the_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["MEDIA_GATEWAY_LOG_LEVEL=ERROR", "MEDIA_GATEWAY_DEPLOYED_INDEX=filed"]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_LEVEL": "DEBUG"})

    found = {one.name: (one.value, one.source) for one in explained()}

    assert found["MEDIA_GATEWAY_LOG_LEVEL"] == ("DEBUG", "environment")
    assert found["MEDIA_GATEWAY_DEPLOYED_INDEX"] == ("filed", ".env")
    assert found["MEDIA_GATEWAY_LOG_FORMAT"] == ("json", "default")


def test_passwords_are_struck_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_DATABASE_URL": "postgresql://me:hunter2@host/db"})

    assert main() == 0

    said = capsys.readouterr().out
    assert json.loads(said)["MEDIA_GATEWAY_DATABASE_URL"]["value"] == "postgresql://me:***@host/db"
    assert "hunter2" not in said


def test_a_variable_that_is_no_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_LEVLE": "DEBUG"})
    assert "MEDIA_GATEWAY_LOG_LEVLE" in unknown()
