"""Records set aside by yesterday's normalizer go the way of every item after a replay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters import connect
from shared.adapters.providers import normalizing
from shared.adapters.providers.stops import ProviderStops
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.errors import IngestError, IngestErrors
from shared.adapters.sql.runs import Page, Part, RunReport, Runs
from shared.catalog.drift import ProviderStoppedError
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import Normalized, RecordError
from shared.kernel.clock import SystemClock
from shared.kernel.errors import InvalidInputError
from tests.fakes.edge import ask, load, pushed
from tests.functions.test_catalog_fetch import rows
from tests.functions.test_catalog_fetch import run as run_job
from tests.functions.test_catalog_normalize import fetched
from tests.unit.catalog.pages import v4_page
from tests.unit.catalog.test_streaming_availability import NETFLIX, option, show

if TYPE_CHECKING:
    from types import ModuleType

    from shared.catalog.raw import RawPage
    from tests.functions.conftest import SentEvents

URI = "streaming_availability/all-US/run/00001.json.gz"
PART = Part("run", "streaming_availability", "all", "US")
ASIDE = "SELECT stage, raw_uri FROM ingest_error ORDER BY 1, 2"


def yesterdays(page: RawPage, raw_uri: str) -> Normalized:
    """Read a page as a normalizer does that knows nothing of its second record."""
    found = normalize_page(page, raw_uri)
    known = tuple(item for item in found.items if not item.source.raw_uri.endswith("#1"))
    return Normalized(known, (RecordError(1, "showType", "is no type we know"),))


def broken(page: RawPage, raw_uri: str) -> Normalized:
    """Read a page as a normalizer does that cannot use it at all."""
    raise InvalidInputError(f"{raw_uri} of {page.provider} cannot be used")


@pytest.fixture
def page(connected: connect.Addresses) -> RawPage:
    """Return a page of two films on a platform each, which a run has fetched."""
    films = [
        show(NETFLIX, id="1", title="Heat", imdbId="tt0113277", tmdbId="movie/949"),
        show(option("hulu"), id="2", title="Ronin", imdbId="tt0122690", tmdbId="movie/8195"),
    ]
    made = v4_page(*films)
    RawFolder(connected.raw_dir).write(URI, made)
    Runs().start(PART)
    Runs().add_page(Page(PART, 1, URI, 2), [])
    Runs().fetched(PART)
    return made


def normalized(sent: SentEvents) -> None:
    """Let the step of today, or of whoever is patched in, take the page."""
    main = load("catalog_normalize")
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    data = {"provider": "streaming_availability", "platform": "all", "raw_uri": URI}
    event = fetched(2, **data)
    assert asyncio.run(ask(main.handle, "POST", "/", body=pushed(event))).status == 204


def resolved(sent: SentEvents) -> RunReport:
    """Let every event of items be taken in, and return how far the run has come."""
    main = load("catalog_resolve")
    main.publisher = sent  # type: ignore[attr-defined]
    for event in [one for one in sent.events if one.event_type == "title.normalized"]:
        assert asyncio.run(ask(main.handle, "POST", "/", body=pushed(event))).status == 204
    return Runs().report("run")


def replay(sent: SentEvents, capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, Any]:
    """Run the job and return its summary."""
    main: ModuleType = load("catalog_replay")
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    return run_job(main, capsys, *given)


@pytest.mark.usefixtures("page")
def test_record_that_was_set_aside_is_stored_after_the_mend_and_counted_once(
    sent: SentEvents, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(normalizing, "normalize_page", yesterdays)
        normalized(sent)
    assert rows(ASIDE) == [("normalize", f"{URI}#1")]

    done = replay(sent, capsys, "--run-id", "run")
    report = resolved(sent)

    assert done == {"pages": 1, "freed": 1, "items": 1, "kept": 0}
    assert rows("SELECT title FROM content ORDER BY 1") == [("Heat",), ("Ronin",)]
    assert (report.read, report.stored, report.set_aside, report.state) == (2, 2, 0, "done")
    assert replay(sent, capsys)["pages"] == 0


@pytest.mark.usefixtures("page")
def test_page_that_was_set_aside_whole_is_read_again(
    sent: SentEvents, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(normalizing, "normalize_page", broken)
        normalized(sent)
    assert rows(ASIDE) == [("normalize", URI)]

    done = replay(sent, capsys, "--provider", "streaming_availability")
    report = resolved(sent)

    assert (done["freed"], done["items"]) == (1, 2)
    assert (report.read, report.stored, report.set_aside, report.state) == (2, 2, 0, "done")


@pytest.mark.usefixtures("page")
def test_item_that_the_database_refused_goes_the_way_again(
    sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    normalized(sent)
    error = IngestError("run", "resolve", f"{URI}#1", "the database refused it")
    with connect.engine().begin() as connection:
        IngestErrors.record(connection, [error])
        Runs.count(connection, URI, resolved=1, set_aside=1)
    sent.events.clear()

    done = replay(sent, capsys)

    assert (done["freed"], done["items"]) == (1, 1)
    assert resolved(sent).stored == 2
    assert rows("SELECT title FROM content") == [("Ronin",)]


@pytest.mark.usefixtures("page")
def test_what_is_still_wrong_stays_set_aside_and_another_provider_is_left_alone(
    sent: SentEvents, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(normalizing, "normalize_page", yesterdays)
    normalized(sent)
    monkeypatch.setattr("shared.adapters.providers.replaying.normalize_page", yesterdays)

    assert replay(sent, capsys, "--provider", "tmdb")["pages"] == 0
    assert replay(sent, capsys) == {"pages": 1, "freed": 0, "items": 0, "kept": 1}
    assert rows(ASIDE) == [("normalize", f"{URI}#1")]


@pytest.mark.usefixtures("page")
def test_replay_that_leaves_nothing_unread_lets_the_provider_be_asked_again(
    sent: SentEvents, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = ProviderStops(connect.engine(), SystemClock())
    stops.stop(PART, "6 of 100 listings cannot be read")
    with monkeypatch.context() as patched:
        patched.setattr(normalizing, "normalize_page", yesterdays)
        normalized(sent)
    with pytest.raises(ProviderStoppedError, match="since run run: 6 of 100"):
        stops.check("streaming_availability")

    replay(sent, capsys, "--run-id", "run")

    stops.check("streaming_availability")
