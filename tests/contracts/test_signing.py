"""Keys of tokens: which one signs, and what the world is shown."""

from __future__ import annotations

from base64 import urlsafe_b64decode

import orjson
import pytest
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.adapters import jwks
from shared.adapters.signing import read_keys

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def line(key: OKPKey | RSAKey | OctKey, *, private: bool = True) -> str:
    """Return a key as a line of the secret."""
    return orjson.dumps(key.as_dict(private=private)).decode()


ED, OTHER = (OKPKey.generate_key("Ed25519") for _ in range(2))
RSA = RSAKey.generate_key(2048)
LINES = "\n".join(line(key) for key in (ED, RSA, OTHER)) + "\n"


@pytest.mark.behavior("attacks:asvs:6.2.2")
@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_the_first_key_of_the_algorithm_signs_and_services_can_check_it(algorithm: str) -> None:
    keys = read_keys(LINES, algorithm)
    public = jwks.public_keys(keys.public)

    assert keys.kid == (ED if algorithm == "EdDSA" else RSA).thumbprint()
    assert keys.algorithm == public[keys.kid].alg == algorithm
    message, _, signature = keys.compact(b'{"sub":"ada"}', "at+jwt").encode().rpartition(b".")
    assert public[keys.kid].verify(message, urlsafe_b64decode(signature + b"=="))
    assert not public[keys.kid].verify(message + b"x", urlsafe_b64decode(signature + b"=="))
    header, claims = (orjson.loads(urlsafe_b64decode(p + b"==")) for p in message.split(b"."))
    assert header == {"alg": algorithm, "kid": keys.kid, "typ": "at+jwt"}
    assert claims == {"sub": "ada"}


def test_every_key_is_shown_and_none_of_its_secret_members() -> None:
    shown = orjson.loads(read_keys(LINES, "EdDSA").public)["keys"]

    assert [key["kid"] for key in shown] == [k.thumbprint() for k in (ED, RSA, OTHER)]
    assert not any(PRIVATE & key.keys() for key in shown)
    assert {(key["use"], key["alg"]) for key in shown} == {("sig", "EdDSA"), ("sig", "RS256")}


@pytest.mark.behavior("attacks:asvs:2.10.3")
def test_a_secret_that_is_no_set_of_keys_is_refused_without_being_quoted() -> None:
    for lines in (
        "",
        "nonsense",
        "{}",
        line(OctKey.generate_key(256)),
        line(ED, private=False),
        line(OKPKey.generate_key("X25519")),
        f"{line(ED)}\nnonsense",
    ):
        with pytest.raises(ValueError, match=r"^(line \d is no|no key serves)") as refusal:
            read_keys(lines, "EdDSA")
        assert not lines or lines not in str(refusal.value)


def test_an_algorithm_without_a_key_is_named() -> None:
    with pytest.raises(ValueError, match="RS256"):
        read_keys(line(ED), "RS256")
