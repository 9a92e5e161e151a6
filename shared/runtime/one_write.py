"""An answer in one piece: its head and its body leave by one call of the system.

uvicorn sends a head as soon as it knows it, then the body: two calls for a small answer, each of
which wakes its reader, and it looks for bytes that must not stand there in every name and value. An
answer that went out before passed that look then; what changes in it are numbers and ids of our own
making. So its whole text is handed to the connection here, and the server is told that it was.

Only uvicorn's own cycle of httptools is known here, as functions-framework starts it. Any other
way to send, and whatever is not plain (HEAD, the last request of a connection, a reader that is
behind), is the server's own business as ever.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_SERVER = "uvicorn.protocols.http.httptools_impl"


def write(send: object, *, status: int, head: bytes, body: bytes) -> bool:
    """Send a whole answer at once; False where nothing was sent and it has to go the usual way.

    Args:
        send: What the server gave to send with.
        status: One that the server knows a line for.
        head: Fields as lines, each ended; with ``content-length`` where the status has a body.
        body: Whole.
    """
    cycle = _plain_cycle(send)
    if cycle is None:
        return False
    own = [b"%b: %b\r\n" % field for field in cycle.default_headers]
    line = sys.modules[_SERVER].STATUS_LINE[status]
    cycle.transport.write(b"".join((line, *own, head, b"\r\n", body)))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()  # whoever waits for the end of the connection hears of this one
    cycle.on_response()
    return True


def _plain_cycle(send: object) -> RequestResponseCycle | None:
    """Return the server's cycle behind `send` where its answer can be written at once."""
    server = sys.modules.get(_SERVER)
    cycle: RequestResponseCycle | None = getattr(send, "__self__", None)
    if cycle is None or server is None or type(cycle) is not server.RequestResponseCycle:
        return None
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return None
    if not cycle.keep_alive or cycle.access_log or cycle.scope["method"] == "HEAD":
        return None
    return cycle
