"""Where a browser goes on after it signed in, and where forms of a page may lead."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.identity.federation_return import LONGEST, local_path

HOME = "/account/security"
SIGN_IN = "/auth/sign-in"
CONFIRM = "/account/confirm"
"""Where a signed-in user proves again who they are."""
SELF = "'self'"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


class Onward(BaseModel):
    """Where a browser goes once it has signed in.

    Attributes:
        request: Of an application that waits (`shared.identity.authorization`), or empty.
        return_to: A page of ours, where no application waits; empty for the user's own.
    """

    model_config = ConfigDict(frozen=True)

    request: RequestId = ""
    return_to: Annotated[str, StringConstraints(max_length=LONGEST)] = ""

    @property
    def path(self) -> str:
        """Where that is.

        Raises:
            ReturnRefusedError: It is no page of ours.
        """
        if self.request:
            return f"/auth/authorize/continue?{urlencode({'request': self.request})}"
        return local_path(self.return_to) if self.return_to else HOME

    @property
    def carried(self) -> dict[str, str]:
        """What pages on the way hand to each other."""
        return {name: value for name, value in self.model_dump().items() if value}

    @property
    def query(self) -> str:
        """The same behind a path, empty where there is nothing."""
        return f"?{urlencode(self.carried)}" if self.carried else ""


def by_way_of(page: str, target: str) -> str:
    """Return the address of a page from which its visitor comes back to where they were."""
    return f"{page}?{urlencode({'return_to': target})}"


def form_target(redirect_uri: str) -> str:
    """Return an application's address as a policy names it (CSP Level 3 §2.3.1).

    Browsers follow a form's redirects no further than its page allows. Addresses that a policy has
    no form for (a literal of IPv6) and those of installed applications are allowed by their scheme.
    """
    found = urlsplit(redirect_uri)
    origin = f"{found.scheme}://{found.netloc}".lower()
    if _ORIGIN.fullmatch(origin):
        return origin
    return f"{found.scheme}:" if _SCHEME.fullmatch(found.scheme) else SELF
