"""All state as a folder: what can be read, what comes back, what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import numpy as np
import pytest

from emulators.core.journal import Journal
from emulators.serve import try_load
from emulators.services import find_service
from emulators.state.folder import DamagedError, export, read, state_of
from emulators.state.stored import JOURNAL, prepare, replace, stored
from emulators.vertex.datapoint import Traits, pack, pack_traits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.state.folder import State
    from tests.emulated.conftest import ServeEmulator

Damage: TypeAlias = "Callable[[Path], object]"
TOPIC = "projects/p/topics/films"
SUBSCRIPTION = "projects/p/subscriptions/films"
DOCUMENTS = "/v1/projects/p/databases/(default)/documents"
SOURCE = "- done: {return: 1}"
PLACE = "/v1/projects/p/locations/us-central1"
SECRET = {"payload": {"data": "eyAiYSI6IFsxLCAyXSB9"}}  # { "a": [1, 2] }, with its spaces
CALLS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("pubsub", "PUT", f"/v1/{TOPIC}", {"labels": {"b": "2", "a": "1"}}),
    ("pubsub", "PUT", f"/v1/{SUBSCRIPTION}", {"topic": TOPIC}),
    ("pubsub", "POST", f"/v1/{TOPIC}:publish", {"messages": [{"data": "aGVhdA=="}] * 3}),
    ("firestore", "POST", f"{DOCUMENTS}/films", {"fields": {"n": {"integerValue": "1"}}}),
    ("firestore", "POST", f"{DOCUMENTS}/films?documentId=é", {"fields": {}}),
    (
        "secret_manager",
        "POST",
        "/v1/projects/p/secrets?secretId=key",
        {"replication": {"automatic": {}}},
    ),
    ("secret_manager", "POST", "/v1/projects/p/secrets/key:addVersion", SECRET),
    ("workflows", "POST", f"{PLACE}/workflows?workflowId=w", {"sourceContents": SOURCE}),
    (
        "scheduler",
        "POST",
        f"{PLACE}/jobs",
        {
            "name": f"{PLACE[4:]}/jobs/j",
            "schedule": "0 5 * * *",
            "timeZone": "Etc/UTC",
            "pubsubTarget": {"topicName": TOPIC, "data": "YQ=="},
        },
    ),
)


MADE: State = {}


async def served(serve_emulator: ServeEmulator, journal: Path, *names: str) -> dict[str, str]:
    """Serve services from one journal; return their addresses."""
    addresses = {}
    for name in names:
        make = find_service(name)
        assert make is not None
        addresses[name] = (await serve_emulator(make, journal=journal)).address
    return addresses


@pytest.fixture
async def state(serve_emulator: ServeEmulator, tmp_path: Path) -> State:
    """Everything that some calls to all services leave; made once for all tests."""
    if MADE:
        return {space: dict(entries) for space, entries in MADE.items()}
    journal = tmp_path / "before" / JOURNAL
    names = dict.fromkeys(name for name, *_ in CALLS)
    addresses = await served(serve_emulator, journal, *names)
    async with aiohttp.ClientSession() as http:
        for service, method, path, body in CALLS:
            async with http.request(method, f"http://{addresses[service]}{path}", json=body) as r:
                assert r.status == 200, await r.text()
    await serve_emulator.stop()
    MADE.update(stored(journal))
    return {space: dict(entries) for space, entries in MADE.items()}


async def test_an_export_comes_back_as_the_same_bytes(state: State, tmp_path: Path) -> None:
    export(state, tmp_path / "first")
    journal = tmp_path / "after" / JOURNAL
    journal.parent.mkdir()

    await prepare(tmp_path / "first", journal, try_load)
    assert replace(journal)
    export(stored(journal), tmp_path / "second")

    assert contents(tmp_path / "first") == contents(tmp_path / "second")


async def test_what_was_imported_is_served(
    state: State, tmp_path: Path, serve_emulator: ServeEmulator
) -> None:
    export(state, tmp_path / "folder")
    journal = tmp_path / "after" / JOURNAL
    journal.parent.mkdir()
    await prepare(tmp_path / "folder", journal, try_load)
    replace(journal)

    addresses = await served(serve_emulator, journal, "pubsub", "secret_manager")
    async with aiohttp.ClientSession() as http:
        pull = f"http://{addresses['pubsub']}/v1/{SUBSCRIPTION}:pull"
        async with http.post(pull, json={"maxMessages": 10}) as answer:
            received = (await answer.json())["receivedMessages"]
        secret = f"http://{addresses['secret_manager']}/v1/projects/p/secrets/key/versions/1"
        async with http.get(f"{secret}:access") as answer:
            payload = (await answer.json())["payload"]["data"]

    assert [message["message"]["data"] for message in received] == ["aGVhdA=="] * 3
    assert payload == SECRET["payload"]["data"]


def test_an_export_can_be_read(state: State, tmp_path: Path) -> None:
    counts = export(state, tmp_path / "folder")

    lines = (tmp_path / "folder" / "firestore" / "document.jsonl").read_text().splitlines()
    topic = json.loads((tmp_path / "folder" / "pubsub" / "topic.jsonl").read_text())
    assert counts["pubsub/message.jsonl"] == 3
    assert len(lines) == 2
    assert topic["proto"]["labels"] == {"a": "1", "b": "2"}
    assert all(not line.startswith('{"base64"') for line in lines)


def at(name: str, number: int, change: Callable[[dict[str, object]], object]) -> Damage:
    """Change one entry of a file."""

    def damage(folder: Path) -> None:
        lines = (folder / name).read_text().splitlines()
        record = json.loads(lines[number])
        change(record)
        lines[number] = json.dumps(record)
        (folder / name).write_text("\n".join(lines) + "\n")

    return damage


def cut(name: str) -> Damage:
    """Cut a file off within its last line."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text()
        (folder / name).write_text(text[:-9])

    return damage


def without_last_line(folder: Path) -> None:
    """Lose the last message."""
    file = folder / "pubsub" / "message.jsonl"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n")


DAMAGES: list[tuple[Damage, str]] = [
    (lambda folder: (folder / "state.json").unlink(), r"^state.json: "),
    (lambda folder: (folder / "state.json").write_text("{}"), r"^state.json: format: "),
    (lambda folder: (folder / "pubsub" / "topic.jsonl").unlink(), r"^pubsub/topic.jsonl: "),
    (lambda folder: (folder / "pubsub" / "x.jsonl").write_text(""), r"^pubsub/x.jsonl: "),
    (cut("firestore/document.jsonl"), r"^firestore/document.jsonl: "),
    (without_last_line, r"^pubsub/message.jsonl: has 2 entries"),
    (at("pubsub/topic.jsonl", 0, lambda r: r.pop("key")), r"^pubsub/topic.jsonl:1: key"),
    (at("pubsub/topic.jsonl", 0, lambda r: r.pop("proto")), r"^pubsub/topic.jsonl:1: value"),
    (
        at("pubsub/topic.jsonl", 0, lambda r: r.update(proto={"colour": 1})),
        r"^pubsub/topic.jsonl:1: proto: .*colour",
    ),
    (
        at("pubsub/topic.jsonl", 0, lambda r: r.update(proto={"name": "other"})),
        r"^pubsub/topic.jsonl:1: name",
    ),
    (
        at("pubsub/message.jsonl", 0, lambda r: r.update(key="00000000000000000001")),
        r"^pubsub/pending.jsonl: key: there is no pubsub.message",
    ),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES)
async def test_a_damaged_folder_is_refused_by_file_and_field(
    state: State, tmp_path: Path, damage: Damage, said: str
) -> None:
    export(state, tmp_path / "folder")
    damage(tmp_path / "folder")
    file = tmp_path / JOURNAL

    with pytest.raises(DamagedError, match=said):
        await prepare(tmp_path / "folder", file, try_load)

    assert not replace(file)
    assert not file.exists()


async def test_what_no_service_can_load_is_refused(state: State, tmp_path: Path) -> None:
    export(state, tmp_path / "folder")
    at("scheduler/job.jsonl", 0, lambda r: r.update(json={"name": "j"}))(tmp_path / "folder")

    with pytest.raises(DamagedError, match="cannot be loaded"):
        await prepare(tmp_path / "folder", tmp_path / JOURNAL, try_load)


def test_an_export_takes_no_folder_that_is_in_use(state: State, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")

    with pytest.raises(DamagedError, match="new or empty"):
        export(state, tmp_path / "folder")


async def test_vectors_come_back_bit_by_bit(tmp_path: Path) -> None:
    space = "vertex.datapoint/projects/p/locations/l/indexes/1"
    vector = np.random.default_rng(7).normal(size=384).astype("float32")
    journal = Journal(None)
    journal.put(space, "heat", pack(vector, pack_traits(Traits())))
    before = state_of(journal.everything())
    journal.close()

    export(before, tmp_path / "folder")

    assert read(tmp_path / "folder") == before


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file by its name."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
