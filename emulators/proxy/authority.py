"""Certificates for Google's host names, by an authority that is made and trusted here alone."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from emulators.core.hosts import DOMAINS
from emulators.core.private import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from emulators.core.clock import Clock

AUTHORITY_LIFE = timedelta(days=90)
AUTHORITY_RENEWED = timedelta(days=7)
HOST_LIFE = timedelta(hours=24)
HOST_RENEWED = timedelta(hours=1)
# A clock that is a little behind ours has to accept what was just made.
_BACKDATED = timedelta(minutes=5)
# Of the two that a client offers the first is taken. Only gRPC offers HTTP/2 alone: who also speaks
# HTTP/1.1 (curl, Go) means REST, which is served over that.
_PROTOCOLS = ["http/1.1", "h2"]
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Media Gateway local cloud")])


class Authority:
    """Makes and keeps one certificate per host.

    Its key stays in a file that only we may read. It can vouch for names below
    `emulators.core.hosts.DOMAINS` and for nothing else, should the key ever get out.

    Args:
        folder: Keeps ``authority.pem``, key and certificate, mode 0600.
        clock: The time that clients live in: real time, never one that is turned.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._key, self._certificate = self._load() or self._make()
        self._contexts: dict[str, tuple[datetime, ssl.SSLContext]] = {}

    @property
    def certificate(self) -> str:
        """The authority's own certificate, PEM, for clients that are to trust it."""
        return _pem(self._certificate)

    def context(self, host: str) -> ssl.SSLContext:
        """Return what a server speaks TLS with as ``host``; another name's greeting is refused."""
        renewed, found = self._contexts.get(host, (datetime.min.replace(tzinfo=UTC), None))
        if found is None or self._now() >= renewed:
            found = self._context(host)
            self._contexts[host] = self._now() + HOST_LIFE - HOST_RENEWED, found
        return found

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        try:
            content = (self._folder / "authority.pem").read_bytes()
        except FileNotFoundError:
            return None
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
        ends = certificate.not_valid_after_utc
        if (
            not isinstance(key, ec.EllipticCurvePrivateKey)
            or ends < self._now() + AUTHORITY_RENEWED
        ):
            return None
        return key, certificate

    def _make(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(domain) for domain in DOMAINS]
        no_address = [x509.IPAddress(ip_network(every)) for every in ("0.0.0.0/0", "::/0")]
        certificate = (
            self._begun(_NAME, key, AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.NameConstraints(names, no_address), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self._folder / "authority.pem", _private(key) + _pem(certificate))
        return key, certificate

    def _context(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        certificate = (
            # The name stands in the extension alone: this field holds 64 characters at most.
            self._begun(x509.Name([]), key, HOST_LIFE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(server, critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_alpn_protocols(_PROTOCOLS)
        made.sni_callback = _only(host)
        # OpenSSL reads keys from files alone; this one is ours to read and gone at once.
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".pem") as file:
            file.write(_private(key) + _pem(certificate))
            file.flush()
            made.load_cert_chain(file.name)
        return made

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_NAME)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now() - _BACKDATED)
            .not_valid_after(self._now() + life)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )


_Choice = Callable[[ssl.SSLObject, str | None, ssl.SSLContext], int | None]


def _only(host: str) -> _Choice:
    def check(_connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        # Who greets nobody by name has been told by CONNECT whom they reach.
        if name is None or name.lower() == host:
            return None
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    return check


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    ).decode()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
