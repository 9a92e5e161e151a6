"""Stored titles that turn out to be one, joined in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from shared.adapters.sql.life.merge import Act, merge_titles
from shared.adapters.sql.life.records import read_records
from shared.adapters.sql.life.split import split_title
from shared.adapters.sql.review import joins
from shared.adapters.sql.review.joins import Joined, SqlJoins
from shared.adapters.sql.review.reviews import decide_review
from shared.catalog.life_answers import Decision, Verdict
from shared.kernel.ids import TimeOrderedIds
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from shared.adapters.sql.life.records import Stored
    from tests.contracts.sql.conftest import Catalog

TOLD = "A career thief plans one last robbery while a detective closes in on his crew."
RARE = {"title": "Requiem for a Heavyweight", "overview": TOLD}
FIRST = item("netflix", "1", title="Jaktens hetta")
SECOND = item("hulu", "2")
BETWEEN = item("hbo_max", "3", original_title="Jaktens hetta")
AGAIN = item("peacock", "4", original_title="Jaktens hetta")


def run(catalog: Catalog, most: int = 100) -> list[Joined]:
    """Run the job once."""
    return list(SqlJoins(catalog.engine, catalog.clock).join(most=most))


def title_of(catalog: Catalog, listing: str) -> UUID:
    """Return the title of a listing."""
    found = catalog.rows("SELECT platform_content_id, content_id FROM platform_listing")
    content_id: UUID = dict(found)[listing]
    return content_id


def answers(catalog: Catalog) -> list[tuple[str, str, str | None]]:
    """Return reason, status and who decided of every question."""
    return sorted(catalog.rows("SELECT reason, status, decided_by FROM review_item"))


def act(catalog: Catalog) -> Act:
    """Return something that an administrator does."""
    return Act(TimeOrderedIds(catalog.clock).new(), "admin", catalog.clock.now())


@pytest.fixture
def asked(catalog: Catalog) -> Catalog:
    """Return a catalog in which a third listing matched two titles."""
    for one in (FIRST, SECOND, BETWEEN):
        catalog.take(one)
        catalog.clock.advance(timedelta(seconds=1))  # the elder is kept; ids of one moment are even
    assert answers(catalog) == [("both-match", "pending", None)]
    return catalog


def test_two_titles_that_a_third_listing_matches_become_one_with_audit_and_events(
    asked: Catalog,
) -> None:
    first, second = title_of(asked, "1"), title_of(asked, "2")

    (done,) = run(asked)

    assert (done.kept, done.merged) == (first, second)
    assert {title_of(asked, listing) for listing in "123"} == {first}
    assert answers(asked) == [("both-match", "merged", joins.BY)]
    written = "SELECT details::text FROM audit.audit_log WHERE actor_id = 'catalog-join'"
    ((said,),) = asked.rows(written)
    details = orjson.loads(said)
    assert (details["kept"], details["merged"]) == (str(first), str(second))
    assert len(asked.announced("content.merged")) == 1


def test_a_second_run_finds_nothing_left(asked: Catalog) -> None:
    run(asked)
    before = asked.everything()

    assert run(asked) == []
    assert asked.everything() == before


def test_one_film_dated_twice_becomes_one(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1", **RARE))
    catalog.take(item("hulu", "2", release_year=1998, **RARE))

    assert len(run(catalog)) == 1
    assert title_of(catalog, "1") == title_of(catalog, "2")


def test_what_is_not_sure_enough_stays_a_question(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1", credits=()))
    catalog.take(bare("hulu", "2", release_year=1996, genres=("Crime", "Drama")))
    assert answers(catalog) == [("similar-title", "pending", None)]

    assert run(catalog) == []
    assert answers(catalog) == [("similar-title", "pending", None)]


def test_titles_that_a_person_called_separate_are_never_joined(asked: Catalog) -> None:
    ((question,),) = asked.rows("SELECT id FROM review_item")
    with asked.engine.begin() as connection:
        decision = Decision(decision=Verdict.SEPARATE)
        decide_review(connection, question, decision, act=act(asked))

    asked.take(AGAIN)

    assert run(asked) == []
    assert title_of(asked, "1") != title_of(asked, "2")


def test_a_person_who_called_two_separate_is_believed_in_spite_of_another_question(
    asked: Catalog,
) -> None:
    rewritten = (
        "INSERT INTO review_item (id, reason, platform, platform_content_id, region, raw_uri,"
        " content_id, candidate_id, score, features, status, created_at)"
        " SELECT gen_random_uuid(), 'years-apart', platform, platform_content_id, region,"
        " raw_uri, candidate_id, content_id, score, features, 'separate', created_at"
        " FROM review_item"
    )
    with asked.engine.begin() as connection:
        connection.exec_driver_sql(rewritten)

    assert run(asked) == []


def test_a_split_parts_what_was_joined_for_good(asked: Catalog) -> None:
    (done,) = run(asked)
    with asked.engine.begin() as connection:
        ids = TimeOrderedIds(asked.clock)
        split_title(connection, done.kept, ["hulu:2"], act=act(asked), ids=ids)

    asked.take(AGAIN)

    assert run(asked) == []
    assert title_of(asked, "1") != title_of(asked, "2")


def test_a_title_that_was_merged_meanwhile_is_left_alone(
    asked: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = SqlJoins(asked.engine, asked.clock)
    sure = job._sure()
    monkeypatch.setattr(job, "_sure", lambda: sure)
    with asked.engine.begin() as connection:
        both = title_of(asked, "1"), title_of(asked, "2")
        merge_titles(connection, *both, act=act(asked))

    assert len(sure) == 1
    assert list(job.join(most=100)) == []


def test_two_jobs_at_once_join_a_pair_once(asked: Catalog) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(run, asked) for _ in range(2)]

    assert sum(len(one.result()) for one in done) == 1
    assert len(asked.announced("content.merged")) == 1


def test_a_title_that_goes_between_a_question_and_the_look_at_it_is_passed_over(
    asked: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Stored]:
        monkeypatch.setattr(joins, "read_records", read_records)
        assert len(run(asked)) == 1
        return read_records(connection, ids)

    monkeypatch.setattr(joins, "read_records", late)

    assert run(asked) == []
    assert len(asked.announced("content.merged")) == 1


def test_every_page_of_questions_is_looked_at_and_the_rest_waits(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joins, "BATCH", 1)
    for title in ("Requiem for a Heavyweight", "Strictly Ballroom", "Glengarry Glen Ross"):
        named = {**RARE, "title": title}
        catalog.take(item("netflix", title, **named))
        catalog.take(item("hulu", title, release_year=1998, **named))

    assert len(run(catalog, most=2)) == 2
    assert len(run(catalog)) == 1
