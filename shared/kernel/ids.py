"""Identifiers: random ones, and ones that follow from what they name."""

import os
import uuid
from typing import Protocol

from shared.kernel.clock import Clock

_RANDOM_BITS = 74
_MASK_B = (1 << 62) - 1


class Ids(Protocol):
    """Makes new identifiers."""

    def new(self) -> uuid.UUID:
        """Return an identifier that nothing else has."""


class TimeOrderedIds:
    """UUID version 7 (RFC 9562 §5.7): milliseconds first, so that newer sorts after older."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> uuid.UUID:
        """Return an identifier that nothing else has."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        random = int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS)
        high = (milliseconds << 16) | (0x7 << 12) | (random >> 62)
        return uuid.UUID(int=(high << 64) | (0b10 << 62) | (random & _MASK_B))


class CountingIds:
    """Identifiers 1, 2, 3 …, for tests that compare whole results."""

    def __init__(self, start: int = 1) -> None:
        self._next = start

    def new(self) -> uuid.UUID:
        """Return the next number as an identifier."""
        found = uuid.UUID(int=self._next)
        self._next += 1
        return found


NAMESPACE = uuid.UUID("6f1d7c1e-6a55-5f0c-9d5e-0c2f6c3f3c10")


def named(*parts: str) -> uuid.UUID:
    """Return the identifier that always belongs to ``parts`` (UUID version 5, RFC 9562 §5.5).

    A step that runs twice gives its event the same id the second time, so consumers can tell.
    """
    return uuid.uuid5(NAMESPACE, "\x1f".join(parts))
