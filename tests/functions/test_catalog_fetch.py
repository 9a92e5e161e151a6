"""The jobs that bring catalogs in, over a real database, raw folder and provider."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from emulators.core.faults import Rule
from emulators.providers.service import endpoint
from shared.adapters import connect
from shared.adapters.password_hashing import Argon2Hasher
from shared.adapters.providers.calling import Patience
from tests.contracts.providers.serving import Served, served
from tests.fakes.edge import load
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.functions.conftest import SentEvents

FIXTURES = Path(__file__).parents[1] / "fixtures"
CATALOG = Path(__file__).parents[1] / "emulated" / "providers" / "catalog.jsonl"
QUICK = Patience(first=0.01, longest=0.02, jitter=0.0)


@pytest.fixture
def provider(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The fake provider with a small catalog, to which this process is connected."""
    assert connected.database_url
    with served(partial(endpoint, catalog=CATALOG)) as running:
        change(monkeypatch, {"MEDIA_GATEWAY_PROVIDER_URL": running.url})
        yield running


def loaded(folder: str, sent: SentEvents) -> ModuleType:
    """Return a job whose events go to ``sent`` and who is impatient."""
    main = load(folder)
    made = main.Fetcher
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    main.secret = lambda _reference: "local-key"  # type: ignore[attr-defined]
    main.Fetcher = partial(made, patience=QUICK)  # type: ignore[attr-defined]
    return main


def run(
    main: ModuleType, capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0
) -> dict[str, Any]:
    """Run a job and return its summary, or what it complained of."""
    assert main.handle(arguments) == status
    printed = capsys.readouterr()
    if status:
        return {"error": printed.err}
    found: dict[str, Any] = orjson.loads(printed.out.splitlines()[-1])
    return found


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Return what a statement finds."""
    with connect.reads().connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


PAGES = "SELECT raw_uri, read FROM ingest_page ORDER BY raw_uri"


def test_file_is_kept_as_raw_pages_with_every_line_counted(
    connected: connect.Addresses, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    file = (
        "--provider",
        "generic",
        "--preset",
        "justwatch",
        "--path",
        str(FIXTURES / "titles.csv"),
    )
    main = loaded("catalog_fetch", sent)

    done = run(main, capsys, *file, "--platform", "netflix", "--region", "UK", "--run-id", "r1")

    counts = {"pages": 1, "read": 30, "new_pages": 1, "unreadable": 0, "faulty": 0}
    assert done == {"run_id": "r1", "platform": "netflix", **counts, "kept": 0}
    assert rows(PAGES) == [("generic/netflix-GB/r1/00001.json.gz", 30)]
    assert (connected.raw_dir / "generic/netflix-GB/r1/00001.json.gz").is_file()
    assert [(e.event_type, e.data["count"]) for e in sent.events] == [("catalog.fetched", 30)]


@pytest.mark.usefixtures("connected")
def test_the_same_file_again_is_the_same_run_and_another_region_is_not(
    sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ("--path", str(FIXTURES / "titles.csv"), "--platform", "netflix")
    file = ("--provider", "generic", "--preset", "justwatch", *path)
    main = loaded("catalog_fetch", sent)
    first = run(main, capsys, *file, "--region", "US")

    again = run(main, capsys, *file, "--region", "US")
    elsewhere = run(main, capsys, *file, "--region", "DE")

    assert again == {**first, "new_pages": 0}
    assert elsewhere["run_id"] != first["run_id"]
    assert len(sent.events) == 2


def test_finished_run_given_again_adds_nothing(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_fetch", sent)
    arguments = ("--platform", "netflix", "--region", "US", "--run-id", "r1")
    first = run(main, capsys, *arguments)
    before, events = rows(PAGES), len(sent.events)
    provider.faults.add(Rule("error", "providers", "*"))

    again = run(main, capsys, *arguments)

    assert (first["new_pages"], again["new_pages"]) == (len(before), 0)
    assert again["read"] == first["read"] > 0
    assert (rows(PAGES), len(sent.events)) == (before, events)


def test_run_whose_provider_failed_says_so_and_goes_on_where_it_stopped(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_fetch", sent)
    arguments = ("--region", "US", "--run-id", "r1")
    rule = provider.faults.add(Rule("error", "providers", "search_filters"))
    failed = run(main, capsys, *arguments, status=1)
    assert "streaming availability answered" in failed["error"]
    ((error,),) = rows("SELECT error FROM ingest_run")
    provider.faults.remove(rule)
    skipped = run(main, capsys, *arguments)
    main.fetcher.cache_clear()  # the breaker is this process's own

    done = run(main, capsys, *arguments)

    assert "503" in error
    assert (skipped["state"], skipped["reason"].split()[0]) == ("skipped", "streaming_availability")
    assert done["pages"] == len(rows(PAGES)) > 0
    assert rows("SELECT error, fetched_at IS NOT NULL FROM ingest_run") == [(None, True)]


def test_changes_are_read_up_to_now_and_the_next_run_takes_up_there(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    arguments = ("--kind", "changes", "--region", "US", "--run-id")

    first = run(main, capsys, *arguments, "r1")
    second = run(main, capsys, *arguments, "r2")

    assert first["read"] > second["read"] == 0
    assert rows("SELECT kind, watermark IS NOT NULL FROM sync_cursor") == [("changes", True)]


def test_users_mapping_travels_with_its_pages(
    connected: connect.Addresses, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--path", str(FIXTURES / "titles.jsonl"), "--mapping", str(FIXTURES / "mapping.json"))
    main = loaded("catalog_fetch", sent)

    done = run(
        main, capsys, "--provider", "generic", "--platform", "mubi", *given, "--run-id", "r1"
    )

    raw = main.fetcher().raw_dir / "generic/mubi-US/r1/00001.json.gz"
    assert (done["read"], raw.is_relative_to(connected.raw_dir)) == (5, True)


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("--region", "Narnia"), 2, "region"),
        (("--platform", "../etc"), 2, "platform"),
        (("--run-id", "../../etc"), 2, "run_id"),
        (("--kind", "gossip"), 2, "kind"),
        (("--provider", "generic"), 1, "reads a file"),
        (("--provider", "letterboxd"), 1, "no provider 'letterboxd'"),
        (("--provider", "generic", "--path", "nowhere.csv", "--preset", "tmdb"), 1, "nowhere.csv"),
        (("--provider", "generic", "--path", "x.csv", "--preset", "nothing"), 1, "no preset"),
    ],
)
def test_wrong_option_is_named(
    connected: connect.Addresses,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    status: int,
    told: str,
) -> None:
    assert connected.database_url

    assert told in run(loaded("catalog_fetch", sent), capsys, *arguments, status=status)["error"]


def test_seed_brings_every_country_and_ten_viewers_once(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("seed", sent)

    first = run(main, capsys)
    before, events = rows(PAGES), len(sent.events)
    again = run(main, capsys)

    assert (first["users"], first["new_users"]) == (10, 10)
    assert set(first["listings"]) == {"US", "GB", "DE"}
    assert first["new_pages"] == first["pages"] == len(before) == events
    assert again == {**first, "new_pages": 0, "new_users": 0}
    assert (rows(PAGES), len(sent.events)) == (before, events)
    assert rows("SELECT count(*), bool_and(sample) FROM app_user") == [(10, True)]
    ((kept,), *others) = rows("SELECT password_hash FROM app_user WHERE email_verified")
    assert Argon2Hasher().verify(kept, "local-key")
    assert len({kept, *(other for (other,) in others)}) == 10
    assert rows("SELECT client_id FROM oauth_client WHERE secret_hash IS NOT NULL") == [("mg-mcp",)]
