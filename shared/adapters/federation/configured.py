"""Which providers there are: the secret ``identity-providers``, a JSON list."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from shared.adapters import connect
from shared.adapters.secrets import secret
from shared.kernel.errors import UnavailableError

NAME = "identity-providers"
GITHUB_API = "https://api.github.com"
_USUAL = {
    "google": ("Google", "https://accounts.google.com"),
    "github": ("GitHub", "https://github.com/login/oauth"),
    "apple": ("Apple", "https://appleid.apple.com"),
}
"""What is shown, and who it is (OpenID Connect Discovery §4, RFC 8414 §3)."""

ProviderId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class ProviderSettings(BaseModel):
    """One provider.

    Attributes:
        id: Its name in paths and in table ``identity``; never to be given to another.
        kind: How it is spoken to.
        client_id: Ours there.
        client_secret: Likewise; Apple takes what is signed with `private_key` instead.
        issuer: Who it is; by kind, but for ``oidc``.
        name: As people call it; by kind, or `id`.
        api_url: Where GitHub says who somebody is.
        team_id: Of the developer at Apple.
        key_id: Of `private_key`.
        private_key: PEM, for ES256.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ProviderId
    kind: Literal["google", "github", "apple", "oidc"]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    issuer: str = ""
    name: str = Field(default="", max_length=40)
    api_url: str = GITHUB_API
    team_id: str = ""
    key_id: str = ""
    private_key: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        name, issuer = _USUAL.get(str(given.get("kind")), (given.get("id", ""), ""))
        return {"name": name, "issuer": issuer, **given}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.kind == "apple":
            proven = all((self.team_id, self.key_id, self.private_key.get_secret_value()))
        else:
            proven = bool(self.client_secret.get_secret_value())
        if not proven:
            raise ValueError("what proves us to the provider is missing")
        if not (is_safe(self.issuer) and is_safe(self.api_url)):
            raise ValueError("a provider is spoken to over https")
        return self


_LIST = TypeAdapter(tuple[ProviderSettings, ...])


def is_safe(url: str) -> bool:
    """Tell whether a URL is https, or leads no further than this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return bool(host) and not parts.username
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        return False


def read_providers(text: str) -> tuple[ProviderSettings, ...]:
    """Return the providers of a secret.

    Raises:
        ValueError: It is no such list, or two have one id; the message tells where, never what.
    """
    try:
        found = _LIST.validate_json(text)
    except ValidationError as error:
        places = {".".join(map(str, one["loc"])) or "list" for one in error.errors()}
        raise ValueError(f"not acceptable: {', '.join(sorted(places))}") from None
    if len({one.id for one in found}) != len(found):
        raise ValueError("two providers have one id")
    return found


@cache
def configured() -> tuple[ProviderSettings, ...]:
    """Return this process's providers.

    Raises:
        UnavailableError: The secret cannot be read, or is no list of providers.
    """
    reference = f"projects/{connect.addresses().project}/secrets/{NAME}/versions/latest"
    try:
        return read_providers(secret(reference))
    except ValueError as error:
        raise UnavailableError(f"secret {NAME}: {error}") from None
