"""The process dies as by ``kill -9`` where a rule says; what it had acknowledged is there after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.cloud.firestore import Client

from emulators.state.stored import stored
from tests.emulated.alone import process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def films(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return what connects to a Firestore at an address, and returns a collection."""
    clients = []

    def connected(address: str) -> Any:  # noqa: ANN401 - the client is untyped
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        made: Any = Client(project="p")
        clients.append(made)
        return made.collection("films")

    yield connected
    for client in clients:
        client.close()


def write_two(films: Any, journal: Path, **rule: object) -> set[str]:  # noqa: ANN401 - the client is untyped
    """Set a film, and another one at which the process dies; return what is on disk then."""
    crash = {"action": "crash", "method": "Commit", "nth": 2, **rule}
    with process("firestore", journal, crash) as address:
        collection = films(address)
        collection.document("first").set({"n": 1})
        with pytest.raises(exceptions.GoogleAPICallError):
            collection.document("second").set({"n": 2}, retry=None, timeout=5)
    return {key.rpartition("/")[2] for key in stored(journal).get("firestore.document", {})}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        pytest.param({"at": "before"}, {"first"}, marks=pytest.mark.soak),
        ({"at": "before_disk"}, {"first"}),
        ({"at": "before_disk", "unsynced": "kept"}, {"first", "second"}),
        pytest.param({"at": "after"}, {"first", "second"}, marks=pytest.mark.soak),
    ],
)
def test_a_crash_leaves_what_was_on_disk_at_its_moment(
    films: Any,  # noqa: ANN401 - the client is untyped
    tmp_path: Path,
    rule: dict[str, object],
    left: set[str],
) -> None:
    assert write_two(films, tmp_path / "emulators.sqlite", **rule) == left


def test_after_a_crash_it_serves_on_and_tells_how_often_the_rule_struck(
    films: Any,  # noqa: ANN401 - the client is untyped
    tmp_path: Path,
) -> None:
    journal = tmp_path / "emulators.sqlite"
    write_two(films, journal, at="after_disk")

    with process("firestore", journal) as address:
        collection = films(address)
        found = sorted(each.id for each in collection.stream())
        collection.document("third").set({"n": 3})  # the rule has had its one strike
        count = len(list(collection.stream()))

    assert (found, count) == (["first", "second"], 3)
