"""Signatures of webhooks, in and out: ``sha256=<hex>`` of an HMAC (RFC 2104) over time and body.

What is signed is the Unix second in the header, a full stop, and the body as it came. A platform
that cannot sign the time (`legacy`) signs the body alone, and only where its registration says so;
whoever sends a time has signed it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.kernel.errors import MalformedError, UnauthenticatedError

SIGNATURE = "x-webhook-signature"
TIMESTAMP = "x-webhook-timestamp"
WINDOW = timedelta(seconds=300)
"""How far a signed time may be from now, either way (spec/ingestion §5.10)."""
SIGNED = {
    "X-Webhook-Signature": "^sha256=[0-9A-Fa-f]{64}$",
    "X-Webhook-Timestamp": "^[0-9]{1,12}$",
}
"""What a platform's request must carry."""
_HEX = re.compile(r"sha256=([0-9A-Fa-f]{64})")
_SECONDS = re.compile(r"[0-9]{1,12}")


class SignatureMissingError(MalformedError):
    """The request carries no signature, or no time where one is needed."""

    code = "signature-missing"


class SignatureInvalidError(UnauthenticatedError):
    """No live secret gives this signature, or the signed time is not now."""

    code = "signature-invalid"
    challenge = 'Signature realm="webhooks"'


def sign(secret: str, body: bytes, *, timestamp: str) -> str:
    """Return the value of the signature's header.

    Args:
        secret: Shared with who receives.
        body: As it is sent.
        timestamp: Value of the time's header; empty signs the body alone.
    """
    return "sha256=" + _digest(secret, body, timestamp).hex()


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Sequence[str],
    now: datetime,
    legacy: bool = False,
) -> None:
    """Return where one of the live secrets signed the body at about this time.

    Every secret is tried, whichever fits, so that the time taken says nothing.

    Args:
        headers: Of the request, names in lower case.
        body: As it came.
        secrets: Live ones; without any, nothing is believed.
        now: The present moment.
        legacy: Whether a signature over the body alone is good.

    Raises:
        SignatureMissingError: A header is missing.
        SignatureInvalidError: The signature is not good, or its time is stale.
    """
    given, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not given:
        raise SignatureMissingError(f"the request has no {SIGNATURE}")
    if not timestamp and not legacy:
        raise SignatureMissingError(f"the request has no {TIMESTAMP}")
    found = _HEX.fullmatch(given)
    claimed = bytes.fromhex(found[1]) if found else b""
    good = [hmac.compare_digest(_digest(one, body, timestamp), claimed) for one in secrets]
    if not any(good):
        raise SignatureInvalidError("the signature is not good")
    if timestamp and not is_fresh(timestamp, now):
        raise SignatureInvalidError(f"{TIMESTAMP} is more than {WINDOW.seconds} s from now")


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Tell whether a Unix second is within `WINDOW` of now; what is no second never is."""
    if _SECONDS.fullmatch(timestamp) is None:
        return False
    return abs(int(timestamp) - now.timestamp()) <= WINDOW.total_seconds()


def _digest(secret: str, body: bytes, timestamp: str) -> bytes:
    signed = timestamp.encode("utf-8", "surrogatepass") + b"." + body if timestamp else body
    return hmac.digest(secret.encode(), signed, hashlib.sha256)
