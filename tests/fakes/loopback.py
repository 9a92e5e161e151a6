"""Servers of strangers on loopback, behind TLS with a certificate of a test's own authority."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Silent(BaseHTTPRequestHandler):
    """Answers every method alike, over HTTP/1.1, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def take(self) -> None:
        """Answer one request."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer a GET."""
        self.take()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self.take()

    def do_POST(self) -> None:
        """Answer a POST."""
        self.take()

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        """Answer without a body."""
        self.send_response(status)
        for name, value in {**(headers or {}), "content-length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def body(self) -> bytes:
        """Return what was sent."""
        return self.rfile.read(int(self.headers["content-length"]))

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


@contextmanager
def loopback(handler: type[Silent], *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve until the block ends; gives the base address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def behind_tls(
    handler: type[Silent], folder: Path, name: str = "localhost"
) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Serve behind TLS; gives the base address and who trusts it.

    Args:
        handler: Answers.
        folder: Where the certificate and its key are written.
        name: Whose certificate it is, beside 127.0.0.1.
    """
    chain, key = certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with loopback(handler, tls=context) as base:
        yield base, ssl.create_default_context(cafile=str(chain))


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
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
