"""Tokens that are good, and every way in which they are not."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OctKey, OKPKey

from shared.adapters.jwks import KeySource
from shared.kernel.clock import FixedClock
from shared.kernel.errors import DeniedError, UnauthenticatedError, UnavailableError
from shared.kernel.principal import (
    ANONYMOUS,
    FUNCTION,
    InsufficientScopeError,
    Kind,
    Tier,
    TokenExpiredError,
    TokenInvalidError,
    TokenMissingError,
    principal_of,
)
from shared.runtime import metrics, viewer
from shared.runtime.viewer import SIZE_LIMIT, Trust, Validator, authorize, bearer
from tests.fakes.surroundings import change
from tests.fakes.tokens import AUDIENCE, USER, Authority, segment, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


USUAL = Authority(FixedClock()).claims()


class World:
    """A validator, the authority whose tokens it takes, and their clock."""

    def __init__(self, url: str, authority: Authority, clock: FixedClock) -> None:
        self.authority = authority
        self.clock = clock
        self.validator = Validator(KeySource(url, clock), Trust(authority.issuer, AUDIENCE), clock)

    async def refused(self, token: str) -> str:
        """Return the message with which a token is refused."""
        with pytest.raises(TokenInvalidError) as refusal:
            await self.validator.check(token)
        return refusal.value.message


@contextmanager
def a_world() -> Iterator[World]:
    clock = FixedClock()
    authority = Authority(clock)
    with serving(authority) as url:
        yield World(url, authority, clock)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


@pytest.mark.parametrize("alg", ["EdDSA", "RS256"])
async def test_a_good_token_says_who_calls(world: World, alg: str) -> None:
    world.authority.add("other", alg)
    token = world.authority.token(header={"kid": "other"}, max_rating="PG", act={"sub": "helper"})
    who = await world.validator.check(token)

    assert (who.kind, who.sub, who.pid, who.tier) == (Kind.USER, USER, USER, Tier.FREE)
    assert (who.client_id, who.version, who.max_rating, who.actor) == ("web", 1, "PG", "helper")
    assert who.expires_at == world.clock.now() + timedelta(seconds=900)
    assert await world.validator.check(token) is who


async def test_a_household_profile_is_its_own(world: World) -> None:
    who = await world.validator.check(world.authority.token(pid="kids"))
    assert (who.sub, who.pid) == (USER, "kids")


@pytest.mark.behavior("identity:5.3:validator")
@pytest.mark.behavior("attacks:jwt:claims")
@pytest.mark.parametrize(
    "name",
    [
        "iss",
        "sub",
        "aud",
        "client_id",
        "exp",
        "iat",
        "nbf",
        "jti",
        "scope",
        "roles",
        "tier",
        "sid",
        "ver",
    ],
)
async def test_a_missing_claim_is_a_failure(world: World, name: str) -> None:
    await world.refused(world.authority.token(**{name: None}))


@pytest.mark.behavior("attacks:jwt:claims")
@pytest.mark.behavior("oauth2:access-token:issuer-and-audience")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "https://other.example"),
        ("iss", "https://issuer.example/"),
        ("aud", "another"),
        ("aud", ["another"]),
        ("aud", {"media-gateway": 1}),
        ("exp", "2030"),
        ("exp", True),
        ("exp", -1),
        ("exp", 1e300),
        ("nbf", "now"),
        ("iat", [1]),
        ("sub", ""),
        ("sub", 7),
        ("scope", ["read:content"]),
        ("roles", "admin"),
        ("roles", [1]),
        ("tier", "pro"),
        ("ver", 1.5),
        ("ver", True),
        ("max_rating", "X"),
        ("act", "helper"),
        ("amr", "pwd"),
        ("auth_time", "today"),
    ],
)
async def test_a_claim_of_another_form_is_a_failure(world: World, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    await world.refused(world.authority.token(**{name: value}))


@pytest.mark.behavior("attacks:token:leak-at-resource")
async def test_one_of_several_audiences_is_enough(world: World) -> None:
    token = world.authority.token(aud=["another", AUDIENCE])
    assert (await world.validator.check(token)).sub == USER


@pytest.mark.behavior("attacks:client:impersonates-user")
async def test_a_service_acts_for_itself_without_a_session(world: World) -> None:
    token = world.authority.token(roles=["service"], sub="mg-mcp", sid=None, ver=None)
    assert (await world.validator.check(token)).kind is Kind.SERVICE


@pytest.mark.behavior("identity:5.3:validator")
@pytest.mark.behavior("attacks:jwt:alg")
@pytest.mark.behavior("oauth2:access-token:type-is-checked")
@pytest.mark.behavior("oauth2:access-token:algorithm-is-the-keys")
@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": "RS256"}, "algorithm"),
        ({"alg": "eddsa"}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"typ": "JWT"}, "no access token"),
        ({"typ": None}, "no access token"),
        ({"kid": "unknown"}, "unknown"),
        ({"kid": 1}, "header"),
        ({"crit": ["b64"], "b64": False}, "header"),
    ],
)
async def test_a_header_is_not_to_be_trusted(
    world: World, header: dict[str, Any], reason: str
) -> None:
    assert reason in await world.refused(world.authority.token(header=header))


@pytest.mark.behavior("attacks:jwt:alg")
async def test_a_public_key_is_no_secret_to_sign_with(world: World) -> None:
    known = world.authority.key_set()["keys"][0]["x"]
    secret = OctKey.import_key(known)
    token = world.authority.signed(world.authority.claims(), {"kid": "first"}, key=secret)
    assert "algorithm" in await world.refused(token)
    as_ours = {"kid": "first", "alg": "EdDSA"}
    token = world.authority.signed(world.authority.claims(), as_ours, key=secret)
    assert "signature" in await world.refused(token)


@pytest.mark.behavior("attacks:jwt:kid")
async def test_a_key_that_a_token_brings_along_is_not_read(world: World) -> None:
    own = OKPKey.generate_key("Ed25519")
    header = {"jwk": own.as_dict(private=False), "jku": "http://127.0.0.1:9/", "kid": "first"}
    token = world.authority.signed(world.authority.claims(), header, key=own)
    assert "signature" in await world.refused(token)


@pytest.mark.behavior("attacks:jwt:alg")
async def test_a_token_without_its_signature_is_none(world: World) -> None:
    header = segment(orjson.dumps({"alg": "none", "typ": "at+jwt", "kid": "first"}))
    body = segment(orjson.dumps(world.authority.claims()))
    await world.refused(f"{header}.{body}.")
    good = world.authority.token()
    await world.refused(good.rpartition(".")[0] + ".")


@pytest.mark.behavior("identity:5.3:validator")
async def test_times_may_be_apart_by_a_minute_and_no_more(world: World) -> None:
    token = world.authority.token()
    world.clock.advance(timedelta(seconds=959))
    await world.validator.check(token)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(TokenExpiredError):
        await world.validator.check(token)

    now = int(world.clock.now().timestamp())
    await world.validator.check(world.authority.token(nbf=now + 60, iat=now + 60))
    assert "yet" in await world.refused(world.authority.token(nbf=now + 61))
    assert "yet" in await world.refused(world.authority.token(iat=now + 61))


async def test_an_expired_token_that_was_never_seen_is_expired_too(world: World) -> None:
    token = world.authority.token()
    world.clock.advance(timedelta(seconds=960))
    with pytest.raises(TokenExpiredError) as refusal:
        await world.validator.check(token)
    assert 'error="invalid_token"' in refusal.value.challenge


@pytest.mark.behavior("identity:5.3:validator")
async def test_a_huge_token_is_refused_unread(world: World) -> None:
    token = world.authority.token(region="x" * SIZE_LIMIT)
    assert str(SIZE_LIMIT) in await world.refused(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "a.b", "a.b.c.d", "é.é.é", "=.=.=", "+/.a.b"]
)
async def test_garbage_is_refused(world: World, token: str) -> None:
    await world.refused(token)


async def test_segments_are_base64url_without_padding(world: World) -> None:
    head, body, signature = world.authority.token().split(".")
    for changed in (
        f"{head}.{body}.{signature}=",
        f"{head}.{body}.{signature[:40]}\n{signature[40:]}",
    ):
        await world.refused(changed)


async def test_signed_claims_that_are_no_object_are_refused(world: World) -> None:
    odd: tuple[object, ...] = ([], "x", None, 7)
    for claims in odd:
        await world.refused(world.authority.signed(claims, {}))


@pytest.mark.behavior("attacks:asvs:3.5.3")
async def test_no_token_survives_the_change_of_one_character(world: World) -> None:
    token = world.authority.token()
    # The last character of a signature has four bits that say nothing.
    for at in range(len(token) - 1):
        other = "A" if token[at] != "A" else "B"
        await world.refused(token[:at] + other + token[at + 1 :])


@pytest.mark.behavior("attacks:jwt:kid")
async def test_a_new_key_is_found_and_an_old_one_forgotten(world: World) -> None:
    old = world.authority.token()
    await world.validator.check(old)
    world.authority.keys = {"new": OKPKey.generate_key("Ed25519")}
    world.clock.advance(timedelta(seconds=60))

    assert (await world.validator.check(world.authority.token())).sub == USER
    assert "unknown" in await world.refused(old)


async def test_tokens_are_checked_while_the_key_source_is_down(world: World) -> None:
    seen = world.authority.token(exp=2_000_000_000)
    await world.validator.check(seen)
    world.authority.answer = (500, {}, b"")
    world.clock.advance(timedelta(hours=23))

    assert (await world.validator.check(seen)).sub == USER
    assert (await world.validator.check(world.authority.token())).sub == USER
    world.clock.advance(timedelta(hours=2))
    with pytest.raises(UnavailableError):
        await world.validator.check(seen)


async def test_what_is_remembered_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "REMEMBERED", 2)
    tokens = [world.authority.token(jti=str(i)) for i in range(4)]
    for token in tokens:
        await world.validator.check(token)
    assert list(world.validator._known) == tokens[-2:]


async def test_a_long_token_is_checked_each_time(world: World) -> None:
    token = world.authority.token(device_id="x" * viewer.REMEMBERED_SIZE)
    for _ in range(2):
        assert (await world.validator.check(token)).sub == USER
    assert token not in world.validator._known


async def test_a_token_that_is_known_vouches_for_no_other(world: World) -> None:
    token = world.authority.token()
    await world.validator.check(token)
    head, body, signature = token.split(".")
    claims = segment(orjson.dumps(world.authority.claims(roles=["user", "admin"])))
    bent = ("B" if signature[0] == "A" else "A") + signature[1:]
    for other in (f"{head}.{claims}.{signature}", f"{head}.{body}.{bent}"):
        assert "signature" in await world.refused(other)


async def test_no_refusal_and_no_log_line_has_a_token_in_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = world.authority.token(aud="another")
    said = await world.refused(token)
    assert not any(part in said + caplog.text for part in token.split("."))


@pytest.mark.parametrize("value", ["Bearer abc", "bearer abc", "BEARER  abc=="])
def test_a_bearer_token_is_read(value: str) -> None:
    assert bearer(value).startswith("abc")


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic YWJj", "abc", "Bearer a b", "Bearer a, Bearer b", "Bearer é"],
)
def test_another_header_is_a_bad_token(value: str) -> None:
    with pytest.raises(TokenInvalidError):
        bearer(value)


@given(st.text())
def test_whatever_is_sent_is_a_token_or_refused(value: str) -> None:
    with suppress(TokenInvalidError):
        assert bearer(value).isascii()


@given(
    st.dictionaries(
        st.sampled_from(["sub", "tier", "roles", "scope", "exp", "ver", "act", "sid", "pid"]),
        st.none() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2),
        min_size=1,
    )
)
def test_claims_of_any_form_are_a_principal_or_refused(claims: dict[str, Any]) -> None:
    with suppress(TokenInvalidError):
        assert principal_of({**USUAL, **claims}).sub


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    authority = Authority()
    with serving(authority) as url:
        change(
            monkeypatch,
            {
                "MEDIA_GATEWAY_ISSUER": authority.issuer,
                "MEDIA_GATEWAY_JWKS_URL": url,
                "MEDIA_GATEWAY_AUDIENCE": AUDIENCE,
            },
        )
        viewer.reset()
        yield authority
        viewer.reset()


def said(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_public_routes_read_no_token(configured: Authority) -> None:
    for auth in ("public", "signature"):
        assert await authorize(auth, (), said("garbage")) is ANONYMOUS
    assert await authorize("service", (), said("garbage")) is FUNCTION
    assert configured.asked == 0


async def test_an_optional_token_is_none_or_good(configured: Authority) -> None:
    assert await authorize("optional", (), {}) is ANONYMOUS
    assert (await authorize("optional", (), said(configured.token()))).sub == USER
    for value in ("Bearer garbage", "Basic YWJj", ""):
        with pytest.raises(TokenInvalidError):
            await authorize("optional", (), {"authorization": value})


@pytest.mark.behavior("attacks:asvs:4.1.1")
async def test_a_user_route_needs_a_user(configured: Authority) -> None:
    assert (await authorize("user", (), said(configured.token()))).sub == USER
    with pytest.raises(TokenMissingError) as missing:
        await authorize("user", (), {})
    assert missing.value.challenge == 'Bearer realm="media-gateway"'
    service = configured.token(roles=["service"], sid=None, ver=None)
    with pytest.raises(DeniedError):
        await authorize("user", (), said(service))


@pytest.mark.behavior("attacks:asvs:4.1.1")
async def test_an_admin_route_needs_role_and_scope(configured: Authority) -> None:
    assert (await authorize("admin", (), said(configured.admin()))).sub == USER
    with pytest.raises(DeniedError) as no_role:
        await authorize("admin", (), said(configured.token(scope="admin:full")))
    assert no_role.value.code == "denied"
    with pytest.raises(InsufficientScopeError):
        await authorize("admin", (), said(configured.admin(scope="read:content")))


async def test_a_scope_that_is_missing_is_named(configured: Authority) -> None:
    token = configured.token(scope="read:content write:watchlist")
    await authorize("user", ("read:watchlist", "write:watchlist"), said(token))
    with pytest.raises(InsufficientScopeError) as refusal:
        await authorize("user", ("write:content",), said(token))
    assert 'error="insufficient_scope", scope="write:content"' in refusal.value.challenge


async def test_a_viewers_lines_carry_their_hash_and_nobody_elses(
    configured: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []

    async def note_user(user: str) -> None:
        noted.append(user)

    monkeypatch.setattr(viewer, "note_user", note_user)
    await authorize("optional", (), said(configured.token()))
    await authorize("optional", (), {})
    assert noted == [USER]


@pytest.mark.behavior("attacks:asvs:4.1.5")
async def test_a_mode_that_nobody_knows_lets_nobody_in(configured: Authority) -> None:
    with pytest.raises(DeniedError):
        await authorize("sesame", (), said(configured.token()))


async def test_without_an_issuer_no_token_is_acceptable(monkeypatch: pytest.MonkeyPatch) -> None:
    change(
        monkeypatch, {"MEDIA_GATEWAY_ISSUER": "", "MEDIA_GATEWAY_JWKS_URL": "http://127.0.0.1:9/"}
    )
    viewer.reset()
    with pytest.raises(UnauthenticatedError):
        await authorize("optional", (), said(Authority().token()))
    with pytest.raises(UnavailableError):
        await viewer.ready()
    viewer.reset()


async def test_readiness_means_that_keys_are_there(
    configured: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    await viewer.ready()
    change(monkeypatch, {"MEDIA_GATEWAY_JWKS_URL": "http://127.0.0.1:9/"})
    viewer.reset()
    with pytest.raises(UnavailableError):
        await viewer.ready()
    assert configured.asked == 1


async def test_how_long_tokens_took_to_judge_is_told_by_how_that_ended(
    configured: Authority,
) -> None:
    metrics.reset()
    early = int(configured.clock.now().timestamp()) + 120
    await authorize("user", (), {"authorization": f"Bearer {configured.token()}"})
    for bad in (configured.token(nbf=early), configured.token(nbf=early)):
        with pytest.raises(TokenInvalidError):
            await authorize("user", (), {"authorization": f"Bearer {bad}"})

    found = {
        (sample.name, sample.labels.get("result", "")): sample.value
        for family in metrics.collected()
        for sample in family.samples
    }
    counted = "auth_token_validation_duration_seconds_count"
    assert (found[counted, "good"], found[counted, "refused"]) == (1, 2)
    assert found["auth_clock_skew_total", ""] == 2
