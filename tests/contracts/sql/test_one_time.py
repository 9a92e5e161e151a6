"""Codes of mails: one of two instances uses one up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from shared.adapters.sql.identity import one_time
from shared.identity.accounts import MailTokenSpentError, MailTokenUnknownError, Purpose
from shared.kernel.clock import FixedClock
from tests.fakes.identity import ADA, BEN, add_users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

NOW = FixedClock().now()
CODE = "a code of a mail"


@pytest.fixture
def engines(database: str) -> Iterator[tuple[Engine, Engine]]:
    """Two instances' engines on one database with two users."""
    made = create_engine(database), create_engine(database)
    add_users(made[0], ADA, BEN)
    yield made
    for engine in made:
        engine.dispose()


def add(engine: Engine, code: str = CODE, user: str = ADA) -> None:
    """Keep a code."""
    with engine.begin() as connection:
        one_time.add(connection, code, Purpose.RESET, user, now=NOW)


def test_two_instances_that_show_one_code_at_once_have_one_winner(
    engines: tuple[Engine, Engine],
) -> None:
    for turn in range(10):
        code, start = f"{CODE} {turn}", Barrier(2)
        add(engines[0], code)

        def take(engine: Engine, code: str = code, start: Barrier = start) -> str:
            with engine.begin() as connection:
                start.wait(10)
                try:
                    return one_time.take(connection, code, Purpose.RESET, NOW)
                except MailTokenSpentError:
                    return "late"

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(take, engines)) == sorted([ADA, "late"])


def test_what_was_taken_and_not_committed_can_be_taken(engines: tuple[Engine, Engine]) -> None:
    add(engines[0])
    with engines[0].connect() as connection:
        one_time.take(connection, CODE, Purpose.RESET, NOW)

    with engines[1].begin() as connection:
        assert one_time.take(connection, CODE, Purpose.RESET, NOW) == ADA


def test_codes_of_others_and_of_another_purpose_stay_as_they_are(
    engines: tuple[Engine, Engine],
) -> None:
    add(engines[0])
    add(engines[0], "other", BEN)
    with engines[0].begin() as connection:
        one_time.spend(connection, BEN, Purpose.RESET, NOW)
        one_time.spend(connection, ADA, Purpose.VERIFY, NOW)

    with engines[1].connect() as connection:
        assert str(one_time.owner(connection, CODE, Purpose.RESET, NOW).id) == ADA
        with pytest.raises(MailTokenUnknownError):
            one_time.owner(connection, CODE, Purpose.VERIFY, NOW)
        with pytest.raises(MailTokenSpentError):
            one_time.owner(connection, "other", Purpose.RESET, NOW)


def test_old_codes_are_known_for_a_week_and_then_forgotten(engines: tuple[Engine, Engine]) -> None:
    add(engines[0])
    with engines[0].begin() as connection:
        end = NOW + Purpose.RESET.life
        assert one_time.purge(connection, end + timedelta(days=7)) == 0
        assert one_time.purge(connection, end + timedelta(days=7, seconds=1)) == 1
