"""Tokens for Firestore: as Firebase's rules for custom tokens ask, and for oneself alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from emulators.hub.sign_in_secrets import firebase_key
from shared.adapters import firebase
from shared.identity.firebase import AUDIENCE, custom_claims
from shared.kernel.principal import Kind, Principal
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import USER, trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.tokens import Authority

ACCOUNT = "firebase@media-gateway-local.iam.gserviceaccount.com"
PATH = "/api/v1/auth/firebase-token"
SCOPE = "write:watchlist write:preferences write:devices read:history"
FIRESTORE = Principal(Kind.USER, sub="ada", pid="child")


@pytest.fixture(scope="module")
def key_file() -> str:
    """A key file, made once."""
    return firebase_key(ACCOUNT)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, key_file: str) -> Iterator[Authority]:
    """Whose access tokens are good."""
    monkeypatch.setattr(firebase, "secret", lambda _reference: key_file)
    firebase.service_account.cache_clear()
    with trusted(monkeypatch) as made:
        yield made
    firebase.service_account.cache_clear()


async def asked(authority: Authority, **claims: object) -> Answer:
    """Ask for a token as somebody."""
    said: dict[str, Any] = {"scope": SCOPE, **claims}
    bearer = {"authorization": f"Bearer {authority.token(**said)}"}
    return await ask(load("identity_firebase").handle, "POST", PATH, headers=bearer)


def read(token: str, key_file: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token that the account signed."""
    key = firebase.read_account(key_file).key
    public = RSAKey.import_key(key.as_dict(private=False))
    found = jwt.decode(token, public, algorithms=["RS256"])
    return dict(found.header), dict(found.claims)


async def test_a_client_gets_a_token_that_says_whose_documents_it_opens(
    authority: Authority, key_file: str
) -> None:
    answer = await asked(authority, pid="0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11")

    assert answer.status == 200, answer.body
    assert (answer.json["expires_in"], answer.headers["cache-control"]) == (3600, "no-store")
    header, claims = read(answer.json["custom_token"], key_file)
    assert header["alg"] == "RS256"
    assert (claims["iss"], claims["sub"], claims["aud"]) == (ACCOUNT, ACCOUNT, AUDIENCE)
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["uid"] == USER
    assert claims["claims"] == {"pid": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11"}


async def test_the_profile_is_the_users_own_where_the_token_names_none(
    authority: Authority, key_file: str
) -> None:
    answer = await asked(authority)

    assert read(answer.json["custom_token"], key_file)[1]["claims"] == {"pid": USER}


async def test_who_acts_as_somebody_else_gets_none(authority: Authority) -> None:
    answer = await asked(authority, act={"sub": "0d6c7a0e-5555-4a52-9c0b-5b1f0a4c9f11"})

    assert (answer.status, answer.json["code"]) == (403, "acted-for")


async def test_who_may_not_read_all_that_is_there_gets_none(authority: Authority) -> None:
    answer = await asked(authority, scope="read:content read:watchlist")

    assert (answer.status, answer.json["code"]) == (403, "insufficient-scope")


def test_claims_are_no_longer_good_than_firebase_takes() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    claims = custom_claims(FIRESTORE, account=ACCOUNT, now=now)

    assert claims["exp"] == int(now.timestamp()) + 3600
    assert (claims["uid"], claims["claims"]) == ("ada", {"pid": "child"})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"private_key": "x", "client_email": "a"}'])
def test_a_secret_that_is_no_key_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no key file"):
        firebase.read_account(text)
