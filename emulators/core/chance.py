"""What the emulators choose at random: ids and tokens, all from one seed."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Chance:
    """Random bytes by purpose; the same seed gives the same ones, whatever else is asked for.

    Attributes:
        seed: What everything follows from; drawn by itself where none is given.
    """

    def __init__(self, seed: str = "") -> None:
        self.seed = seed or secrets.token_hex(16)

    def source(self, purpose: str) -> Callable[[int], bytes]:
        """Return what gives so many random bytes, for one purpose."""
        return self.generator(purpose).randbytes

    def generator(self, purpose: str) -> random.Random:
        """Return a generator for one purpose, at its beginning."""
        # Not for secrets: a repeatable sequence is the point.
        return random.Random(f"{self.seed}/{purpose}")  # noqa: S311
