"""A mail server on loopback, as much of RFC 5321 as a client needs that hands mail in."""

from __future__ import annotations

import ssl
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

from tests.fakes.loopback import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class MailServer:
    """What was handed in, and what it answers.

    Attributes:
        trusted: Who trusts its certificate.
        implicit: TLS from the first byte, else after STARTTLS.
        refuses: Replies by the command they are given to, instead of the usual.
        taken: Mails as they came.
        said: Commands, in order, what follows them left out.
        logged_in: User and password of each log-in.
    """

    implicit: bool
    port: int = 0
    trusted: ssl.SSLContext | None = None
    refuses: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    logged_in: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def mail_server(folder: Path, *, implicit: bool) -> Iterator[MailServer]:
    """Serve one until the block ends."""
    chain, key = certificate(folder, "localhost")
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(chain, key)
    found = MailServer(implicit, trusted=ssl.create_default_context(cafile=str(chain)))
    handler = type("_Talk", (_Talk,), {"server_of_test": found, "own": own})
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        found.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


class _Talk(StreamRequestHandler):
    server_of_test: ClassVar[MailServer]
    own: ClassVar[ssl.SSLContext]
    timeout = 10
    _secure = False

    def handle(self) -> None:
        """Talk until the client has enough."""
        if self.server_of_test.implicit:
            self._begin_tls()
        self._say("220 localhost")
        while line := self.rfile.readline().decode().strip():
            word = line.partition(" ")[0].upper()
            self.server_of_test.said.append(word)
            if word in self.server_of_test.refuses:
                self._say(self.server_of_test.refuses[word])
            else:
                getattr(self, f"_{word.lower()}", self._fine)(line)
            if word == "QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _fine(self, _line: str) -> None:
        self._say("250 fine")

    def _ehlo(self, _line: str) -> None:
        self._say("250-localhost")
        self._say("250 AUTH PLAIN" if self._secure else "250 STARTTLS")

    def _starttls(self, _line: str) -> None:
        self._say("220 go on")
        self._begin_tls()

    def _auth(self, line: str) -> None:
        _, user, password = b64decode(line.split(" ")[2]).decode().split("\x00")
        self.server_of_test.logged_in.append((user, password))
        self._say("235 welcome")

    def _data(self, _line: str) -> None:
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.server_of_test.taken.append(b"".join(lines))
        self._fine("")

    def _begin_tls(self) -> None:
        secure: Any = self.own.wrap_socket(self.connection, server_side=True)
        self.connection = secure
        self.rfile = secure.makefile("rb")
        self.wfile = secure.makefile("wb", 0)
        self._secure = True

    def finish(self) -> None:
        """Close what `_begin_tls` put in the place of the first files too."""
        super().finish()
        self.connection.close()
