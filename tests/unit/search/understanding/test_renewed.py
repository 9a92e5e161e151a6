"""What is slow to get is renewed behind the scenes."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from shared.search.understanding import renewed
from shared.search.understanding.renewed import RENEW_SECONDS, Renewed
from tests.fakes.waiting import until

if TYPE_CHECKING:
    import pytest


class Slow:
    """Something that is got when the test lets it."""

    def __init__(self) -> None:
        self.let, self.got, self.calls = Event(), Event(), 0

    def __call__(self) -> int:
        """Return how often it was asked for, once it is let."""
        self.let.wait(5)
        self.calls += 1
        self.got.set()
        return self.calls


def test_who_asks_first_waits_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewed, "FIRST_WAIT_SECONDS", 0.001)
    slow = Slow()
    ask = Renewed(slow, seconds=lambda: 0)

    assert ask() is None
    slow.let.set()
    assert until(lambda: ask() == 1)


def test_what_is_quick_is_there_at_once() -> None:
    slow = Slow()
    slow.let.set()
    assert Renewed(slow, seconds=lambda: 0)() == 1


def test_it_is_renewed_when_it_is_due_and_nobody_waits() -> None:
    now, slow = [0.0], Slow()
    slow.let.set()
    ask = Renewed(slow, seconds=lambda: now[0])
    assert ask() == 1
    slow.let.clear()

    now[0] = RENEW_SECONDS
    assert ask() == 1
    slow.let.set()
    assert until(lambda: ask() == 2)
    assert slow.calls == 2


def test_a_failure_leaves_what_there_was(caplog: pytest.LogCaptureFixture) -> None:
    now, answers = [0.0], iter([1, None, 3])

    def get() -> int:
        answer = next(answers)
        if answer is None:
            raise RuntimeError("gone")
        return answer

    ask = Renewed(get, seconds=lambda: now[0])
    assert ask() == 1
    now[0] = RENEW_SECONDS
    assert ask() == 1
    assert until(lambda: "renewal.failed" in caplog.text)
    now[0] = 2 * RENEW_SECONDS
    assert until(lambda: ask() == 3)
