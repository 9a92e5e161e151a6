"""Commands as they are sent, and scripts that the server knows by name."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.adapters.redis.line import Line

Sent = bytes | str | int | float


class Script:
    """A script that the server knows by its digest, or is told again."""

    def __init__(self, file: Path) -> None:
        self._text = file.read_bytes()
        self._digest = sha1(self._text, usedforsecurity=False).hexdigest().encode()

    async def run(self, line: Line, keys: Sequence[str], arguments: Sequence[Sent]) -> Any:  # noqa: ANN401 - whatever the script returns
        """Return what the script says.

        Raises:
            RedisError: The server does not answer, or not with success.
            TimeoutError: It took too long.
        """
        from redis.exceptions import NoScriptError  # noqa: PLC0415 - 130 ms, where Redis is reached

        told = [_encoded(each) for each in (len(keys), *keys, *arguments)]
        try:
            return await line.ask(packed(b"EVALSHA", self._digest, *told))
        except NoScriptError:  # the server was started anew
            return await line.ask(packed(b"EVAL", self._text, *told))


def packed(*parts: bytes) -> bytes:
    """Return a command as it is sent: an array of bulk strings (RESP2, "Sending commands")."""
    said = [b"$%d\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"*%d\r\n%b" % (len(parts), b"".join(said))


def _encoded(sent: Sent) -> bytes:
    return sent if isinstance(sent, bytes) else str(sent).encode()
