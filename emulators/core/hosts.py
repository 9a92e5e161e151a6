"""Google's host names, and which emulator answers for each."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a host's requests are answered.

    Attributes:
        service: The emulator.
        prefix: The path under which it serves the host's paths; empty where they are the same.
    """

    service: str
    prefix: str = ""


# Name of an API, without region and domain.
_APIS = {
    "pubsub": Place("pubsub"),
    "firestore": Place("firestore"),
    "secretmanager": Place("secret_manager"),
    "workflows": Place("workflows"),
    "workflowexecutions": Place("workflows"),
    "cloudscheduler": Place("scheduler"),
    "aiplatform": Place("vertex"),
    "run": Place("cloud_run", "/apis/run.googleapis.com"),
    "oauth2": Place("console"),
    "iamcredentials": Place("console"),
    "www": Place("console"),
}
_OTHERS = {
    "accounts.google.com": Place("console"),
    "metadata.google.internal": Place("console"),
}
# Endpoints of Vector Search have names of their own below this one.
_VECTORS = ".vdb.vertexai.goog"
DOMAINS = ("googleapis.com", "google.com", "google.internal", "vertexai.goog")
"""Whatever lies below these is Google's own."""
_REGION = "[a-z]+-[a-z]+[0-9]+"
_API = re.compile(rf"(?:{_REGION}-)?([a-z0-9]+)(?:\.{_REGION}\.rep)?\.googleapis\.com")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def is_name(host: str) -> bool:
    """Tell whether this is a host name in lower case (RFC 1123 §2.1), no address."""
    return _NAME.fullmatch(host) is not None


def is_google(host: str) -> bool:
    """Tell whether a host name is one of Google's APIs, emulated or not."""
    return any(host.endswith(f".{domain}") for domain in DOMAINS)


def place_of(host: str) -> Place | None:
    """Return who answers for a host of Google's, regional or not; None where nobody does."""
    if host.endswith(_VECTORS):
        return _APIS["aiplatform"]
    found = _API.fullmatch(host)
    return _OTHERS.get(host) if found is None else _APIS.get(found[1])
