"""What an application may say of itself."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.client_metadata import ClientMetadataError, client_of, is_document_url
from shared.identity.clients import CODE_GRANT, REFRESH_GRANT
from shared.identity.scopes import USER_SCOPES

URL = "https://notes.example/oauth/client.json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abc"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=8,
)


def document(**changed: object) -> bytes:
    """Return a document, some members changed; None leaves one out."""
    usual = {
        "client_id": URL,
        "client_name": "Film notes",
        "redirect_uris": ["https://notes.example/callback", "http://127.0.0.1/callback"],
    }
    said = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    return orjson.dumps(said)


def test_a_document_makes_a_public_application_that_is_never_ours() -> None:
    client = client_of(URL, document(scope="read:content admin:full", first_party=True))

    assert (client.client_id, client.name) == (URL, "Film notes")
    assert (client.is_confidential, client.first_party) == (False, False)
    assert client.scopes == ("read:content",)
    assert client.grant_types == (CODE_GRANT, REFRESH_GRANT)
    assert client.may_prove_itself_by("none", "token")
    assert not client.may_prove_itself_by("none", "introspection")
    assert client_of(URL, document()).scopes == USER_SCOPES


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None}, {"client_id": f"{URL}/"}, {"client_id": URL.upper()}, {"client_id": 7},
        {"client_name": None}, {"client_name": ""}, {"client_name": "x" * 101},
        {"redirect_uris": None}, {"redirect_uris": []}, {"redirect_uris": "https://a.example/"},
        {"redirect_uris": ["https://a.example/"] * 21}, {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://a.example/", "http://a.example/"]},
        {"redirect_uris": ["http://169.254.169.254/"]},
        {"grant_types": ["client_credentials"]}, {"response_types": ["token"]},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "private_key_jwt"}, {"client_secret": "known to all"},
    ],
)  # fmt: skip
def test_a_document_that_says_anything_else_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ClientMetadataError):
        client_of(URL, document(**changed))


@given(st.binary() | JSON.map(orjson.dumps))
def test_whatever_stands_there_it_is_a_client_or_refused(said: bytes) -> None:
    with pytest.raises(ClientMetadataError):
        client_of(URL, said)


def test_a_name_is_shown_in_one_line() -> None:
    assert client_of(URL, document(client_name="Film\n\u202enotes ")).name == "Filmnotes"


@pytest.mark.parametrize(
    "client_id", [URL, "https://notes.example/x", "https://notes.example:8443/x"]
)
def test_an_https_address_with_a_path_is_one_of_a_document(client_id: str) -> None:
    assert is_document_url(client_id)


@pytest.mark.parametrize(
    "client_id",
    [
        "", "mg-web", "http://notes.example/x", "https://notes.example", "https://notes.example/",
        f"{URL}#part", f"{URL}?x=1", "https://user@notes.example/x", "https://u:p@notes.example/x",
        "https://notes.example/a/../b", "https://notes.example/./b", "HTTPS://notes.example/x",
        "https:///x", "https://[::1/x", "https://notes.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_no_other_address_is(client_id: str) -> None:
    assert not is_document_url(client_id)
