"""A killed process loses nothing it answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore import Client

from tests.emulated.alone import process

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.ours("kills the process")
def test_what_was_answered_survives_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "emulators.sqlite"
    client: Any
    with process("firestore", journal) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        client = Client(project="p")
        films = client.collection("films")
        for number in range(200):
            films.document(f"n{number:03}").set({"n": number})
        for number in range(0, 200, 2):
            films.document(f"n{number:03}").delete()
        client.close()

    with process("firestore", journal) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        client = Client(project="p")
        found = [each.get("n") for each in client.collection("films").order_by("n").stream()]
        client.close()

    assert found == list(range(1, 200, 2))
