"""Passwords: which are taken, in what form, and who keeps them.

Length counts and composition does not (NIST SP 800-63B-4 §3.1.1.2). What is refused is what a
guesser tries first: a common password, also one with digits behind it or written twice, and the
name before the @ of one's own mail address.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from unicodedata import normalize

from shared.kernel.errors import FieldIssue, InvalidInputError

LEAST = 12
MOST = 128
RAW_MOST = 1024
"""Most characters that are looked at: one may become eighteen by normalization."""
LEAST_OF_NAME = 4
"""A shorter name before the @ is in too many words to tell anything."""
PIECE = 3
"""Whatever repeats after so few characters is a row, not a password."""
DIGEST = 5
"""Bytes that are kept of each SHA-256: one in 11 million others is taken for a common one."""

_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class Hasher(Protocol):
    """Keeps passwords as slow hashes; a bounded number at a time."""

    def hash(self, password: str) -> str:
        """Return what is kept of a password.

        Raises:
            UnavailableError: Too many wait already.
        """

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the kept one; None costs the same and is always False.

        Raises:
            UnavailableError: Too many wait already.
        """

    def is_outdated(self, kept: str) -> bool:
        """Tell whether what is kept was made with lesser parameters than today's."""


def normalized(password: str) -> str:
    """Return the one form in which a password is compared: NFKC (spec/auth §5.6)."""
    return normalize("NFKC", password[:RAW_MOST])


def acceptable(password: str, *, email: str, field: str = "password") -> str:
    """Return a new password in its one form.

    Args:
        password: As it was typed.
        email: Of the account, normalized.
        field: Where it stood in the request.

    Raises:
        InvalidInputError: Naming the rule it breaks.
    """
    form = normalized(password)
    broken = _broken(form, email.partition("@")[0].lower())
    if broken is not None:
        rule, message = broken
        raise InvalidInputError(
            "the password is not acceptable", issues=[FieldIssue(field, rule, message)]
        )
    return form


def _broken(form: str, name: str) -> tuple[str, str] | None:
    if len(form) < LEAST:
        return "too-short", f"use {LEAST} characters or more"
    if len(form) > MOST:
        return "too-long", f"use {MOST} characters or fewer"
    if len(name) >= LEAST_OF_NAME and name in form.lower():
        return "contains-email", "leave your mail address out of it"
    if is_common(form):
        return "too-common", "it is among the first that a guesser tries; use a few unrelated words"
    return None


def is_common(form: str) -> bool:
    """Tell whether a guesser tries it first: it, or what it is made of, is on the list."""
    lower = form.lower()
    piece = lower[: _period(lower)]
    if len(piece) <= PIECE or _is_row(lower):
        return True
    return any(_listed(each) for each in (lower, _ENDS.sub("", lower), piece))


def _period(text: str) -> int:
    """Return after how many characters a text repeats itself, its length where it does not."""
    tries = (n for n in range(1, len(text)) if text.startswith(text[n:]))
    return next(tries, len(text))


def _is_row(text: str) -> bool:
    """Tell whether each character is the next of its alphabet, or each the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def _listed(text: str) -> bool:
    return sha256(text.encode()).digest()[:DIGEST] in _common()


class _Digests:
    """Digests that stand in their order, one behind the other, and are looked up where they are."""

    def __init__(self, kept: bytes) -> None:
        self._kept = kept

    def __len__(self) -> int:
        return len(self._kept) // DIGEST

    def __getitem__(self, place: int) -> bytes:
        return self._kept[place * DIGEST : (place + 1) * DIGEST]

    def __contains__(self, digest: bytes) -> bool:
        place = bisect_left(self, digest)
        return place < len(self) and self[place] == digest


@cache
def _common() -> _Digests:
    """Return the list's digests; where it is from stands in docs/identity.md."""
    return _Digests((Path(__file__).parent / "data" / "common_passwords.bin").read_bytes())
