"""Id tokens by keys that a real key source gives (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters.federation.id_tokens import Expected, read
from shared.adapters.jwks import KeySource
from shared.identity.federation import AssertionRefusedError, ProviderDownError
from shared.kernel.clock import FixedClock, SystemClock
from tests.fakes.tokens import Authority, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ISSUER = "https://id.example"
EXPECTED = Expected(ISSUER, "us", "nonce-of-this-sign-in")


@pytest.fixture(scope="module", params=["RS256", "EdDSA"])
def authority(request: pytest.FixtureRequest) -> Iterator[Authority]:
    """A provider's keys, served on loopback."""
    made = Authority(issuer=ISSUER)
    made.keys.clear()
    made.add("key-1", request.param)
    with serving(made):
        yield made


@pytest.fixture(scope="module")
def keys(authority: Authority) -> KeySource:
    """Those keys as the product knows them; asked for with the first token."""
    return KeySource(authority.address, FixedClock(SystemClock().now()))


def said(**changes: object) -> dict[str, Any]:
    """Return the claims of a good token, some of them changed; None leaves one out."""
    now = int(SystemClock().now().timestamp())
    usual = {
        "iss": ISSUER,
        "sub": "248289761001",
        "aud": "us",
        "nonce": EXPECTED.nonce,
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


@dataclass(frozen=True)
class Judge:
    """Signs, and reads what was signed."""

    authority: Authority
    keys: KeySource

    async def __call__(
        self, claims: object, header: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """Read a token with these claims."""
        token = self.authority.signed(claims, {"typ": "JWT", **(header or {})})
        return await read(token, self.keys, EXPECTED, SystemClock().now())


@pytest.fixture(scope="module")
def judged(authority: Authority, keys: KeySource) -> Judge:
    """What reads tokens."""
    return Judge(authority, keys)


@pytest.mark.parametrize(
    "changes",
    [{}, {"aud": ["us"]}, {"azp": "us"}, {"aud": ["us", "them"], "azp": "us"}, {"more": [1]}],
)
async def test_a_good_token_is_read_whatever_else_it_says(
    judged: Judge, changes: dict[str, object]
) -> None:
    found = await judged(said(**changes))

    assert found["sub"] == "248289761001"


@pytest.mark.parametrize("missing", ["iss", "sub", "aud", "nonce", "iat", "exp"])
async def test_a_claim_that_is_missing_is_a_wrong_one(judged: Judge, missing: str) -> None:
    with pytest.raises(AssertionRefusedError):
        await judged(said(**{missing: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example/"},
        {"aud": "them"},
        {"aud": []},
        {"aud": ["us", "them"]},
        {"aud": ["us", "them"], "azp": "them"},
        {"azp": "them"},
        {"azp": ["us"]},
        {"aud": {"us": 1}},
        {"nonce": [EXPECTED.nonce]},
        {"nonce": ""},
        {"sub": 7},
        {"sub": ""},
        {"sub": "x" * 256},
        {"exp": "tomorrow"},
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
    ],
)
async def test_a_claim_that_is_wrong_opens_nothing(
    judged: Judge, changes: dict[str, object]
) -> None:
    with pytest.raises(AssertionRefusedError):
        await judged(said(**changes))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "PS256"},
        {"kid": "key-2"},
        {"kid": None},
        {"crit": ["exp"]},
        {"kid": "key-2", "jku": "https://evil.example/keys"},
    ],
)
async def test_a_header_chooses_neither_key_nor_algorithm(
    judged: Judge, header: dict[str, object]
) -> None:
    with pytest.raises(AssertionRefusedError):
        await judged(said(), header)


@pytest.mark.parametrize("claims", [[], "text", 7, None])
async def test_a_token_that_says_no_claims_opens_nothing(judged: Judge, claims: object) -> None:
    with pytest.raises(AssertionRefusedError):
        await judged(claims)


@pytest.mark.parametrize("token", ["", ".", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "e30.e30."])
async def test_what_is_no_token_opens_nothing(keys: KeySource, token: str) -> None:
    with pytest.raises(AssertionRefusedError):
        await read(token, keys, EXPECTED, SystemClock().now())


async def test_a_minute_may_lie_between_clocks_and_no_more(authority: Authority) -> None:
    clock = FixedClock(SystemClock().now() + timedelta(seconds=330))
    keys = KeySource(authority.address, clock)
    token = authority.signed(said(), {"typ": "JWT"})

    assert await read(token, keys, EXPECTED, clock.now())
    clock.advance(timedelta(seconds=60))
    with pytest.raises(AssertionRefusedError):
        await read(token, keys, EXPECTED, clock.now())


async def test_where_no_key_can_be_had_nothing_is_believed(authority: Authority) -> None:
    clock = FixedClock(SystemClock().now())
    token = authority.signed(said(), {"typ": "JWT"})

    with pytest.raises(ProviderDownError):
        await read(token, KeySource("http://127.0.0.1:1/keys", clock), EXPECTED, clock.now())
