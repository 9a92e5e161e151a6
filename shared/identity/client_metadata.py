"""Applications that describe themselves: the id is the address of a document that tells the rest.

After draft-ietf-oauth-client-id-metadata-document-00. Nobody registers them, so nothing of what the
document says is known to be true but that its host says it: that host is what a user is shown.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.identity.clients import CODE_GRANT, PUBLIC_METHODS, REFRESH_GRANT, Client
from shared.identity.clients_redirects import is_acceptable
from shared.identity.scopes import USER_SCOPES, parse
from shared.kernel.errors import InvalidInputError

LONGEST_URL = 500
MOST_BYTES = 5 * 1024
"""Of a document, as the draft recommends (§6.6)."""
IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
"""How long its sessions live, as those of our own (spec/auth §5.4)."""


class ClientMetadataError(InvalidInputError):
    """What an application says of itself is nothing that it may be."""

    code = "client-metadata"


class ClientMetadata(BaseModel):
    """The part of a document that is looked at (RFC 7591 §2)."""

    model_config = ConfigDict(extra="ignore", strict=True)

    client_id: str
    client_name: Annotated[str, Field(min_length=1, max_length=100)]
    redirect_uris: Annotated[list[str], Field(min_length=1, max_length=20)]
    grant_types: list[str] = [CODE_GRANT]
    response_types: list[str] = ["code"]
    token_endpoint_auth_method: str = "none"  # noqa: S105 - the name of a way
    scope: str | None = None
    client_secret: str | None = None


def is_document_url(client_id: str) -> bool:
    """Tell whether an application's id is an address of a document (§2 of the draft).

    https with a path; no fragment, query, name and password, or dot segments.
    """
    if not client_id.startswith("https://") or len(client_id) > LONGEST_URL:
        return False
    path = urlsplit(client_id).path if is_acceptable(client_id) else ""
    return len(path) > 1 and "?" not in client_id


def client_of(url: str, document: bytes) -> Client:
    """Return the application that a document describes: public, never ours, never an administrator.

    Raises:
        ClientMetadataError: It is no document of that address, or describes what we do not serve.
    """
    try:
        said = ClientMetadata.model_validate_json(document)
    except ValidationError as error:
        fields = {".".join(map(str, each["loc"])) or "document" for each in error.errors()}
        raise ClientMetadataError(f"not acceptable: {', '.join(sorted(fields))}") from None
    _check(url, said)
    scopes = USER_SCOPES if said.scope is None else parse(said.scope)
    return Client(
        client_id=url,
        name="".join(c for c in said.client_name if c.isprintable()).strip() or url,
        grant_types=(CODE_GRANT, REFRESH_GRANT),
        scopes=tuple(scope for scope in USER_SCOPES if scope in scopes),
        idle=IDLE,
        absolute=ABSOLUTE,
        redirect_uris=tuple(said.redirect_uris),
    )


def _check(url: str, said: ClientMetadata) -> None:
    """Refuse a document that is another's, or of an application of another kind."""
    faults = {
        "client_id": said.client_id != url,
        "redirect_uris": not all(map(is_acceptable, said.redirect_uris)),
        "grant_types": CODE_GRANT not in said.grant_types,
        "response_types": "code" not in said.response_types,
        "token_endpoint_auth_method": said.token_endpoint_auth_method not in PUBLIC_METHODS,
        "client_secret": said.client_secret is not None,
    }
    found = [name for name, wrong in faults.items() if wrong]
    if found:
        raise ClientMetadataError(f"not acceptable: {', '.join(found)}")
