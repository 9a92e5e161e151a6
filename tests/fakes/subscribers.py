"""A subscriber on loopback, behind TLS with a certificate of a test's own authority."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Subscriber:
    """What was pushed to it, and what it answers.

    Attributes:
        status: Of every answer.
        headers: Of every answer.
        taken: Headers and body of each push, in order.
        drops: Seconds between the letters of an answer that never ends; 0 answers at once.
    """

    url: str = ""
    trusted: ssl.SSLContext | None = None
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    drops: float = 0


@contextmanager
def subscriber(folder: Path, name: str = "localhost") -> Iterator[Subscriber]:
    """Serve one; its certificate is of `name` and 127.0.0.1."""
    found = Subscriber()
    handler = type("_Pushed", (_Handler,), {"subscriber": found})
    chain, key = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            found.url = f"https://localhost:{server.server_port}/hook?of=media"
            found.trusted = ssl.create_default_context(cafile=str(chain))
            yield found
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    subscriber: ClassVar[Subscriber]
    protocol_version = "HTTP/1.1"
    _dropped = False

    def do_POST(self) -> None:
        """Take a push."""
        body = self.rfile.read(int(self.headers["content-length"]))
        said = {name.lower(): value for name, value in self.headers.items()}
        self.subscriber.taken.append(({**said, ":path": self.path}, body))
        while self.subscriber.drops:
            try:
                self.wfile.write(b"H" if not self._dropped else b"x")
            except OSError:
                return
            self._dropped = True
            sleep(self.subscriber.drops)
        self.send_response(self.subscriber.status)
        for name, value in {**self.subscriber.headers, "content-length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - OpenSSL asks the machine's clock too
    names: list[Any] = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private
