"""The hourly job that joins stored titles, over a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from tests.contracts.sql.conftest import Catalog
from tests.contracts.sql.test_matching_joins import BETWEEN, FIRST, SECOND, title_of
from tests.fakes.edge import load

if TYPE_CHECKING:
    import pytest

    from tests.functions.conftest import SentEvents


def ran(capsys: pytest.CaptureFixture[str], sent: SentEvents, *args: str) -> dict[str, Any]:
    """Run the job and return what it says."""
    main = load("catalog_join")
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    assert main.handle(list(args)) == 0
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_titles_that_turn_out_to_be_one_are_joined_once(
    connected: connect.Addresses, capsys: pytest.CaptureFixture[str], sent: SentEvents
) -> None:
    assert connected.database_url
    catalog = Catalog(connect.engine())
    for one in (FIRST, SECOND, BETWEEN):
        catalog.take(one)

    assert ran(capsys, sent) == {"joined": 1}
    assert ran(capsys, sent, "--most", "10") == {"joined": 0}
    assert [event.event_type for event in sent.events] == ["content.merged", "content.updated"]
    assert title_of(catalog, "1") == title_of(catalog, "2")
