"""Clock, journal and identity."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import google.auth.transport.requests
import pytest
from aiohttp import web
from google.oauth2 import id_token

from emulators.core.clock import VirtualClock
from emulators.core.environment import load
from emulators.core.errors import EmulatorError
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.metadata import METADATA_HEADERS, metadata_routes
from emulators.core.server import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from emulators.core.context import Context
    from tests.emulated.conftest import ServeEmulator


async def metadata(context: Context) -> Endpoint:
    async def root(_request: web.Request) -> web.Response:
        return web.Response(text="console", headers=METADATA_HEADERS)

    routes = metadata_routes(context.signer, "p", "us-central1")
    return Endpoint("console", routes=lambda: [web.get("/", root), *routes])


async def test_a_sleeper_wakes_when_time_is_advanced_past_it() -> None:
    clock = VirtualClock()
    clock.freeze()
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)

    clock.advance(3599)
    await asyncio.sleep(0)
    early = sleeper.done()
    clock.advance(1)
    await sleeper

    assert not early


async def test_time_runs_on_from_where_it_was_frozen() -> None:
    real = 1000.0
    clock = VirtualClock(lambda: real)
    clock.freeze()
    clock.advance(5)
    real = 2000.0

    clock.resume()

    assert clock.now() == 1005.0


async def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.put("space", "kept", b"1")
    journal.put("space", "gone", b"2")
    await journal.commit()
    journal.put("space", "gone", None)
    await journal.commit()

    # A second connection sees only what reached the file, as a new process would.
    reopened = Journal(tmp_path / "journal.sqlite")

    assert list(reopened.load("space")) == [("kept", b"1")]
    journal.close()
    reopened.close()


async def test_every_concurrent_commit_returns_with_its_value_on_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    reader = Journal(tmp_path / "journal.sqlite")

    async def write(number: int) -> bool:
        await asyncio.sleep(number % 7 / 1000)
        journal.put("space", str(number), b"x")
        await journal.commit()
        return str(number) in dict(reader.load("space"))

    assert all(await asyncio.gather(*(write(n) for n in range(100))))
    journal.close()
    reader.close()


async def test_many_small_commits_leave_a_short_log(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite"
    journal = Journal(file)
    for number in range(1500):
        journal.put("films", f"{number:04}", b"x" * 1000)
        await journal.commit()

    beside = Journal(file)  # as a process that reads it after a kill
    kept = sum(1 for _ in beside.load("films"))
    log = file.with_name("journal.sqlite-wal").stat().st_size

    assert kept == 1500
    assert log < 8 * 2**20
    beside.close()
    journal.close()


def test_a_token_is_good_for_its_audience_until_it_expires(tmp_path: Path) -> None:
    now = 1_700_000_000.0
    clock = VirtualClock(lambda: now)
    token = Signer(clock, tmp_path).token("https://here", "me@p")

    # The key is kept: a later run checks the tokens of an earlier one.
    signer = Signer(clock, tmp_path)
    claims = signer.verify(token, "https://here")
    with pytest.raises(EmulatorError, match="is for 'https://here'"):
        signer.verify(token, "https://there")
    now += 3601
    with pytest.raises(EmulatorError, match="expired"):
        signer.verify(token, "https://here")

    assert (claims["email"], claims["email_verified"]) == ("me@p", True)


async def test_google_auth_fetches_an_identity_token_from_the_metadata_server(
    serve_emulator: ServeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = await serve_emulator(metadata)
    monkeypatch.setenv("GCE_METADATA_HOST", emulator.address)
    monkeypatch.setenv("GCE_METADATA_IP", emulator.address)
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", emulator.address)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)

    request = google.auth.transport.requests.Request()
    token = await asyncio.to_thread(id_token.fetch_id_token, request, "https://service")

    email = emulator.context.signer.verify(token, "https://service")["email"]
    assert email == "local@p.iam.gserviceaccount.com"


def test_a_port_is_moved_by_its_variable_and_a_wrong_one_is_named() -> None:
    moved = load({"MG_PORT_PUBSUB": "9085"}).ports

    assert (moved["pubsub"], moved["vertex"]) == (9085, 8087)
    with pytest.raises(ValueError, match="MG_PORT_VERTEX must be a port"):
        load({"MG_PORT_VERTEX": "many"})


async def test_a_journal_that_is_read_tells_what_is_being_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    for number in range(2000):
        journal.put("space", f"{number:04}", b"x" * 5000)
    writing = asyncio.create_task(journal.commit())
    await asyncio.sleep(0)  # the batch is on its way to the disk
    journal.put("space", "0000", b"y")

    found = dict(journal.load("space"))

    assert (len(found), found["0000"]) == (2000, b"y")
    await writing
    assert dict(journal.load("space"))["0000"] == b"y"
    journal.close()
