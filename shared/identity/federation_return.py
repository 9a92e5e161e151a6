"""Where a browser may be sent after it signed in: pages of ours alone."""

from __future__ import annotations

import re

from shared.identity.federation import ReturnRefusedError

HOME = "/account/security"
"""Where there is nothing else to go to: the page of the account."""
LONGEST = 2000
_SEGMENT = r"(?!\.{1,2}(?:/|\?|$))[A-Za-z0-9._~-]+"
_QUERY = r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*"
_LOCAL = re.compile(rf"/(?:auth|account)(?:/{_SEGMENT})*(?:\?{_QUERY})?")
_OWN = "/auth/oauth/"
"""Begins a sign-in itself: coming back to it would go round for ever."""


def local_path(given: str) -> str:
    r"""Return a path of ours, with its query, to which a browser may be sent.

    Letters, digits and ``-._~`` alone make a path, so that no reader can see a host in it: neither
    ``//host`` nor ``/\host``, nor either of them encoded, nor a path with dot segments.

    Raises:
        ReturnRefusedError: It is none.
    """
    if not given:
        return HOME
    known = len(given) <= LONGEST and _LOCAL.fullmatch(given) is not None
    if not known or given.startswith(_OWN):
        raise ReturnRefusedError("the browser is to come back to a page of ours")
    return given
