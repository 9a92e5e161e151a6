"""What a process makes once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Event

from shared.kernel.once import one


def test_threads_that_are_first_at_once_get_the_same() -> None:
    begun = Event()

    @cache
    def make() -> object:
        begun.set()
        Event().wait(0.05)
        return object()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one, make)
        assert begun.wait(5)
        assert one(make) is first.result() is one(make)


def test_what_is_made_may_ask_for_another_that_is() -> None:
    @cache
    def inner() -> list[str]:
        return ["inner"]

    @cache
    def outer() -> list[str]:
        return [*one(inner), "outer"]

    assert one(outer) == ["inner", "outer"]
    assert one(outer) is one(outer)
