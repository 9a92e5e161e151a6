"""Plain HTTP calls to the local cloud: JSON out, JSON in, nothing to install."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

MOST_GOOD = 299


class CallError(Exception):
    """A service could not be reached, or did not speak JSON."""


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    body: Any

    @property
    def is_good(self) -> bool:
        """Whether the call succeeded."""
        return self.status <= MOST_GOOD

    def required(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the body of a call that had to succeed.

        Raises:
            CallError: It did not; the message is the service's own.
        """
        if not self.is_good:
            raise CallError(f"{self.status}: {_message(self.body)}")
        return self.body


def _message(body: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(body, dict):
        error = body.get("error", body.get("detail", body))
        return str(error.get("message", error) if isinstance(error, dict) else error)
    return str(body)


def call(
    method: str,
    url: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_seconds: float = 30,
) -> Answer:
    """Send one request and return the answer, whatever its status.

    Raises:
        CallError: Nobody answers there.
    """
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    content = None if body is None else json.dumps(body)
    sent = {"content-type": "application/json", **(headers or {})}
    connection = HTTPConnection(parts.netloc, timeout=timeout_seconds)
    try:
        with contextlib.closing(connection):
            connection.request(method, target, content, sent)
            response = connection.getresponse()
            return Answer(response.status, _parsed(response.read()))
    except (OSError, HTTPException) as error:
        raise CallError(f"{parts.netloc} does not answer: {error}") from error


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(content or b"{}")
    except ValueError:
        return content.decode(errors="replace")


def identity_token(console: str, audience: str) -> str:
    """Return an identity token for a function, from the metadata server.

    Raises:
        CallError: The server is not there.
    """
    path = "/computeMetadata/v1/instance/service-accounts/default/identity"
    url = f"{console}{path}?{urlencode({'audience': audience})}"
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        with contextlib.closing(connection):
            target = url.removeprefix(console)
            connection.request("GET", target, headers={"Metadata-Flavor": "Google"})
            return connection.getresponse().read().decode()
    except (OSError, HTTPException) as error:
        raise CallError(f"the metadata server does not answer: {error}") from error
