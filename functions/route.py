"""One operation over HTTP, as a manifest declares it."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """What a manifest is made of: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Auth(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    OPTIONAL = "optional"
    USER = "user"
    ADMIN = "admin"
    SERVICE = "service"
    SIGNATURE = "signature"


class View(StrEnum):
    """What of its caller an answer depends on."""

    VIEWER = "viewer"
    LIMITS = "limits"


class Fallback(Part):
    """What callers of a route are given while its service is lost (docs/decisions/0020).

    Attributes:
        operation: Its last good answer to a request without parameters, asked for as nobody.
        ignores: Parameters, or fields of a body, that this answer need not honor. A request with
            any other gets none.
    """

    operation: str
    ignores: tuple[str, ...] = ()


class Route(Part):
    """One operation over HTTP.

    Attributes:
        operation: Name of the function in ``main.py`` that answers it.
        path: Path template, ``{name}`` for one segment.
        rate: Class of its rate limit.
        cache_seconds: How long the gateway may keep an answer; 0 is not at all.
        body_limit: Most bytes of a body.
        idempotent: An ``Idempotency-Key`` is honored.
        stream: The answer is sent as it is made.
        fallback: What stands in while the service is lost.
        page: It is for browsers: cookies of ours pass, and the policy of the page.
        view: What of its caller an answer depends on; ``limits`` is what they may see, and nothing
            else: who may see everything is answered as nobody (docs/decisions/0038).
    """

    operation: str = Field(pattern=r"^[a-z][a-z_]*$")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str = Field(pattern=r"^/[A-Za-z0-9/_.{}-]*$")
    auth: Auth
    scopes: tuple[str, ...] = ()
    rate: str | None = None
    cache_seconds: int = Field(default=0, ge=0)
    body_limit: int = Field(default=1 << 20, gt=0)
    idempotent: bool = False
    stream: bool = False
    fallback: Fallback | None = None
    page: bool = False
    view: View = View.VIEWER

    @model_validator(mode="after")
    def _looks_at_who_is_limited(self) -> "Route":
        if self.view is View.LIMITS and (self.auth is not Auth.OPTIONAL or self.method != "GET"):
            raise ValueError("`view: limits` is for GET routes with `auth: optional`")
        return self

    @model_validator(mode="after")
    def _asks_for_scopes_where_it_looks(self) -> "Route":
        if self.scopes and self.auth in {Auth.PUBLIC, Auth.SERVICE, Auth.SIGNATURE}:
            raise ValueError(f"nobody would look at `scopes` beside `auth: {self.auth}`")
        return self

    @property
    def shape(self) -> str:
        """The template without its names, by which two routes collide."""
        return "/".join("{}" if part.startswith("{") else part for part in self.path.split("/"))

    @property
    def is_plain(self) -> bool:
        """Anybody may ask, of a path without parameters."""
        open_to_all = self.auth in {Auth.PUBLIC, Auth.OPTIONAL}
        return self.method == "GET" and open_to_all and "{" not in self.path
