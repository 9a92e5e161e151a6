"""Argon2id: what is kept, what is compared, and how many at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from shared.adapters.password_hashing import Argon2Hasher
from shared.kernel.errors import UnavailableError

WORDS = "seven tall windows"


def test_what_is_kept_is_argon2id_with_the_parameters_of_the_day() -> None:
    hasher = Argon2Hasher()
    kept = hasher.hash(WORDS)

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != hasher.hash(WORDS)
    assert hasher.verify(kept, WORDS)
    assert not hasher.verify(kept, WORDS + "x")
    assert not hasher.is_outdated(kept)
    assert Argon2Hasher(passes=3).is_outdated(kept)


def test_nothing_opens_what_is_not_there_and_it_is_compared_all_the_same() -> None:
    hasher = Argon2Hasher(memory_kib=8, passes=1)
    assert not hasher.verify(None, WORDS)
    assert hasher._nobodys.split("$")[1:4] == hasher.hash(WORDS).split("$")[1:4]


def test_who_comes_while_as_many_are_made_as_may_be_is_told_to_come_again() -> None:
    hasher = Argon2Hasher(memory_kib=8, passes=1, at_once=1, wait_seconds=0.01)
    inside, leave = Event(), Event()

    def hold() -> None:
        with hasher._turn():
            inside.set()
            assert leave.wait(10)

    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(hold)
        assert inside.wait(10)
        with pytest.raises(UnavailableError):
            hasher.hash(WORDS)
        leave.set()
        held.result()
    assert hasher.verify(hasher.hash(WORDS), WORDS)
