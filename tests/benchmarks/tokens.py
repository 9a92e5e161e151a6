"""What the check of a token costs beside the bare signature check it contains.

One is measured after the other for every token, so that a busy machine slows both; the figures are
medians. No token was seen before, but for the rows that say so.
"""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from shared.adapters.jwks import KeySource
from shared.kernel.clock import SystemClock
from shared.runtime.viewer import Trust, Validator
from tests.fakes.tokens import AUDIENCE, Authority, serving, signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.machine import Row

TOKENS, REPEATS = 2000, 20
TARGETS = {"EdDSA": "≤ 1.3×", "RS256": "≤ 2.5×"}
"""An RS256 signature is verified in a fifth of the time; to read the claims takes what it takes."""


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    return [row for alg in TARGETS for row in asyncio.run(_measured(alg))]


async def _measured(alg: str) -> list[Row]:
    authority = Authority()
    authority.keys.clear()
    authority.add("only", alg)
    with serving(authority) as url:
        keys = KeySource(url, SystemClock())
        await keys.renew()
    validator = Validator(keys, Trust(authority.issuer, AUDIENCE), SystemClock())
    tokens = [authority.token(jti=f"token {number}") for number in range(TOKENS)]
    bare = [_bare(authority, token) for token in tokens]
    turns = [await _turn(validator, *pair) for pair in zip(tokens, bare, strict=True)]
    primitive, checked, cached = (median(turn[place] * 1e6 for turn in turns) for place in range(3))
    return [
        (
            f"check {alg} token of {len(tokens[0])} B (target {TARGETS[alg]})",
            f"{checked:.1f} us, {checked / primitive:.2f}×",
            f"verify {primitive:.1f} us",
        ),
        (
            "check it again" + (" (target ≤ 0.01×)" if alg == "EdDSA" else ""),
            f"{cached:.2f} us, {cached / checked:.4f}×",
            f"first time {checked:.1f} us",
        ),
    ]


def _bare(authority: Authority, token: str) -> Callable[[], None]:
    """Return what verifies the signature of a token and does nothing else."""
    key: Any = authority.keys["only"]
    message = token.rpartition(".")[0].encode()
    given = signature(key, message)
    options = () if key.key_type == "OKP" else (PKCS1v15(), SHA256())
    verify = key.public_key.verify
    return lambda: verify(given, message, *options)


async def _turn(
    validator: Validator, token: str, bare: Callable[[], None]
) -> tuple[float, float, float]:
    """Return the seconds of the bare verification, of the check, and of one more check.

    Every request brings a text of its own, which does not know its hash yet.
    """
    began = perf_counter()
    bare()
    verified = perf_counter()
    await validator.check(token)
    checked = perf_counter()
    again = [bytes.decode(token.encode()) for _ in range(REPEATS)]
    started = perf_counter()
    for same in again:
        await validator.check(same)
    done = perf_counter()
    return verified - began, checked - verified, (done - started) / REPEATS
