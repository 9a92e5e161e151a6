"""What a process makes once, however many of its threads ask first at the same moment."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

T = TypeVar("T")
_making = RLock()


def one(make: _lru_cache_wrapper[T]) -> T:
    """Return what a factory under `functools.cache` makes, and keep a second from being made.

    Threads that are first at once would make one each (Python's library on `functools.cache`: the
    function may be called more than once), and nobody closes what those hold that are not kept.

    Args:
        make: Takes no arguments; may ask for others in the same way.
    """
    if make.cache_info().currsize:
        return make()
    with _making:
        return make()
