"""How a caller's search is ranked, from what was read last."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError
from shared.search.tuning import tunings
from shared.search.tuning.model import DEFAULT, Standing, Tuned
from shared.search.tuning.traffic import SLOTS, slot_of
from shared.search.tuning.tunings import OLDEST_SECONDS, RENEW_SECONDS, Tunings
from tests.fakes.waiting import until

if TYPE_CHECKING:
    import pytest

VIEWER = "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11"


class Table:
    """What is read; None is a database that does not answer."""

    def __init__(self, *answers: Standing | None) -> None:
        self.answers, self.now = list(answers), 0.0
        self.tunings = Tunings(self, seconds=lambda: self.now)

    def __call__(self) -> Standing:
        """Return the next answer, the last one again and again."""
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if found is None:
            raise UnavailableError("ranking_config: the database does not answer")
        return found


def usual(version: int) -> Standing:
    """Return what holds where there is no variant."""
    return Standing(Tuned(DEFAULT, version))


def test_where_the_database_is_down_what_nobody_set_holds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Table(None).tunings.of(VIEWER) == Tuned(DEFAULT, 0, None)
    assert "ranking.unread" in caplog.text


def test_what_is_in_force_is_there_for_the_first_search() -> None:
    assert Table(usual(4)).tunings.of().version == 4


def test_a_change_is_in_force_once_what_was_read_is_old() -> None:
    table = Table(usual(4), usual(5))
    assert table.tunings.of().version == 4

    table.now = RENEW_SECONDS - 1
    assert table.tunings.of().version == 4
    table.now = RENEW_SECONDS
    assert until(lambda: table.tunings.of().version == 5)


def test_a_database_that_went_away_leaves_what_was_in_force() -> None:
    table = Table(usual(4), None, usual(6))
    assert table.tunings.of().version == 4

    table.now = RENEW_SECONDS
    assert table.tunings.of().version == 4
    assert until(lambda: len(table.answers) == 1)
    assert table.tunings.of().version == 4
    table.now = 2 * RENEW_SECONDS
    assert until(lambda: table.tunings.of().version == 6)


def test_the_first_search_after_a_quiet_time_is_ranked_as_is_in_force_now() -> None:
    table = Table(usual(4), usual(5))
    assert table.tunings.of().version == 4

    table.now = OLDEST_SECONDS + 1
    assert table.tunings.of().version == 5


def test_a_database_that_says_nothing_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tunings, "WAIT_SECONDS", 0.01)
    waits: list[int] = []
    let, answers = Event(), iter([usual(4)])

    def read() -> Standing:
        found = next(answers, None)
        if found is None:
            assert let.wait(5)
        return found or usual(5)

    now = [0.0]
    asked = Tunings(read, seconds=lambda: now[0])
    assert asked.of().version == 4
    awaited = asked._awaited

    def counted() -> Standing:
        waits.append(1)
        return awaited()

    monkeypatch.setattr(asked, "_awaited", counted)

    now[0] = OLDEST_SECONDS + 1
    assert [asked.of().version for _ in range(3)] == [4, 4, 4]
    let.set()
    assert until(lambda: asked.of().version == 5)
    assert len(waits) == 1


def test_a_viewer_gets_the_variant_of_their_slot_and_nobody_gets_none() -> None:
    mine, others = Tuned(DEFAULT, 8, "mine"), Tuned(DEFAULT, 9, "others")
    slots = {slot: mine if slot == slot_of(VIEWER) else others for slot in range(SLOTS)}
    table = Table(Standing(Tuned(DEFAULT, 7), slots))

    assert table.tunings.of(VIEWER) is mine
    assert table.tunings.of() == Tuned(DEFAULT, 7, None)


def test_viewers_outside_every_variant_get_the_usual() -> None:
    slots = {slot: Tuned(DEFAULT, 8, "x") for slot in range(SLOTS) if slot != slot_of(VIEWER)}
    assert Table(Standing(Tuned(DEFAULT, 7), slots)).tunings.of(VIEWER).variant is None
