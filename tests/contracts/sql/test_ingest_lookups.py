"""What a page reads of titles it may meet, and what happens to these meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text

from shared.adapters.sql.ingest import store as module
from shared.adapters.sql.ingest.lookups import hold_joined, look_up
from shared.adapters.sql.ingest.page import RacedError, seen
from shared.adapters.sql.ingest.store import IngestStore
from shared.catalog.item import Credit
from shared.catalog.values import CreditRole
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    import pytest

    from shared.catalog.item import CanonicalItem
    from tests.contracts.sql.conftest import Catalog

TEXT = "A thief who means to retire meets the detective who has followed him for years in the city."
REDATED = r"UPDATE content SET release_year = 2009, content_hash = '\x00' WHERE title = 'Heat'"


def full() -> CanonicalItem:
    """Return a film with everything that can be compared."""
    cast = tuple(Credit(name=f"Person {n}", role=CreditRole.ACTOR, order=n) for n in range(8))
    return item(
        original_title="Heat: La sfida", titles={"de": "Hitze"}, overview=TEXT, credits=cast
    )


def test_what_is_compared_is_what_the_whole_title_would_say(catalog: Catalog) -> None:
    catalog.take(full())

    with catalog.engine.begin() as connection:
        known = look_up(connection, [seen(bare("hulu", "9", "The Heat"))])
        compared = dict(known.directory.facts)
        assert known.records == {}
        hold_joined(connection, compared, known)

    assert compared == {key: record.facts() for key, record in known.records.items()}
    assert len(compared) == 1


def test_titles_that_only_begin_alike_are_not_read(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1", "Heather"), bare("netflix", "2", "Heated Rivalry"))

    with catalog.engine.begin() as connection:
        known = look_up(connection, [seen(bare("hulu", "9", "Heath"))])

    assert known.directory.facts == {}


def test_a_title_that_changed_after_it_was_compared_is_compared_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.take(item("netflix", "1"))
    _meanwhile(catalog, monkeypatch, lambda: _run(catalog, REDATED))

    outcome = catalog.take(item("hulu", "9"))

    assert len(outcome.created) == 1
    assert catalog.rows("SELECT reason FROM review_item") == [("years-apart",)]


def test_a_title_that_somebody_else_holds_is_waited_for_by_beginning_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.take(item("netflix", "1"))
    other = catalog.engine.connect()
    raced: list[str] = []

    def released(*given: Any) -> None:  # noqa: ANN401 - as the function
        try:
            hold_joined(*given)
        except RacedError as error:
            raced.append(str(error))
            raise
        finally:
            other.rollback()

    monkeypatch.setattr(module, "hold_joined", released)
    _meanwhile(
        catalog, monkeypatch, lambda: other.execute(text("SELECT 1 FROM content FOR UPDATE"))
    )

    outcome = catalog.take(item("hulu", "9"))
    other.close()

    assert raced == ["1 titles are joined, 0 of them free"]
    assert (outcome.resolved, outcome.created) == (1, ())


def test_a_deleted_title_is_not_joined_by_a_name_that_is_alike(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1", title="In the Heat of the Night"))
    _run(catalog, "UPDATE content SET deleted_at = now()")

    outcome = catalog.take(item("hulu", "9", title="In the Heat of the Nights"))

    assert len(outcome.created) == 1


def test_statements_that_the_server_forgot_are_prepared_again(catalog: Catalog) -> None:
    engine = create_engine(catalog.engine.url, pool_size=1, max_overflow=0)
    catalog.store = IngestStore(engine, catalog.clock)
    catalog.take(item("netflix", "1"))
    with engine.begin() as connection:
        connection.execute(text("DEALLOCATE ALL"))

    assert catalog.take(item("hulu", "9")).resolved == 1
    engine.dispose()


def _run(catalog: Catalog, sql: str) -> None:
    with catalog.engine.begin() as connection:
        connection.execute(text(sql))


def _meanwhile(catalog: Catalog, monkeypatch: pytest.MonkeyPatch, what: Any) -> None:  # noqa: ANN401 - a function
    """Do something once, when titles have been compared and none is held yet."""
    decide = catalog.store._decide
    done: list[bool] = []

    def decide_late(*given: Any) -> Any:  # noqa: ANN401 - as the method
        if not done:
            done.append(True)
            what()
        return decide(*given)

    monkeypatch.setattr(catalog.store, "_decide", decide_late)
