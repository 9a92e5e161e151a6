"""Mail out: to an SMTP server (RFC 5321), or into a folder on a laptop.

``smtps://user@host:465`` speaks TLS from the first byte, ``smtp://user@host:587`` after STARTTLS,
without which nothing is said (RFC 8314 §3); anything else is a folder of ``.eml`` files.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from shared.identity.mail import MailRefusedError
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Callable, Iterator

    from shared.identity.mail import Mailer, Message
    from shared.kernel.clock import Clock

CALL_TIMEOUT_SECONDS = 10.0
PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = range(550, 560)
"""Replies about this mail that no repetition changes (RFC 5321 §4.2.3)."""


def mailer_at(url: str, sender: str, password: Callable[[], str], *, clock: Clock) -> Mailer:
    """Return what sends mail to a server, or into a folder.

    Args:
        url: ``smtp://``, ``smtps://``, or a folder.
        sender: Value of ``From``.
        password: Of the user that `url` names; asked for when there is mail.
        clock: For ``Date``.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        return FolderMailer(Path(url), sender, clock)
    return SmtpMailer(
        Server(
            parts.hostname or "",
            parts.port or PORTS[parts.scheme],
            implicit=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
        ),
        sender,
        password,
        clock=clock,
    )


@dataclass(frozen=True)
class Server:
    """Where mail is handed in.

    Attributes:
        implicit: TLS from the first byte, else after STARTTLS.
        user: Empty where none is asked for.
        trusted: Certificates; None trusts the system's.
    """

    host: str
    port: int
    implicit: bool
    user: str = ""
    trusted: ssl.SSLContext | None = None


class SmtpMailer:
    """`shared.identity.mail.Mailer` over SMTP: one connection for each mail.

    Args:
        server: Where.
        sender: Value of ``From``.
        password: Of the server's user.
        clock: For ``Date``.
    """

    def __init__(
        self, server: Server, sender: str, password: Callable[[], str], *, clock: Clock
    ) -> None:
        self._server, self._sender, self._password, self._clock = server, sender, password, clock

    def send(self, message: Message) -> None:
        """See `Mailer.send`."""
        import smtplib  # noqa: PLC0415 - only where there is a server

        try:
            with self._connected() as connection:
                connection.send_message(composed(message, self._sender, self._clock))
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(error.recipients[message.to][0], "the recipient") from error
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code, "the mail") from error
        except (smtplib.SMTPException, OSError) as error:
            name = type(error).__name__
            raise UnavailableError(f"the mail server does not answer: {name}") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that may be told about mail; how it ends says nothing of the mail."""
        import smtplib  # noqa: PLC0415 - see above

        made = self._made()
        try:
            if not self._server.implicit:
                made.starttls(context=self._context)
            if self._server.user:
                made.login(self._server.user, self._password())
            yield made
        finally:
            with suppress(smtplib.SMTPException, OSError):
                made.quit()
            made.close()

    def _made(self) -> smtplib.SMTP:
        import smtplib  # noqa: PLC0415 - see above

        place, timeout = (self._server.host, self._server.port), CALL_TIMEOUT_SECONDS
        if self._server.implicit:
            return smtplib.SMTP_SSL(*place, timeout=timeout, context=self._context)
        return smtplib.SMTP(*place, timeout=timeout)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._server.trusted or ssl.create_default_context()


def _judged(code: int, what: str) -> MailRefusedError | UnavailableError:
    """Return what a server's reply means; it is not quoted, since servers repeat the address."""
    kind = MailRefusedError if code in PERMANENT else UnavailableError
    return kind(f"the mail server does not take {what}: {code}")


class FolderMailer:
    """`shared.identity.mail.Mailer` on a disk, for a laptop and for tests: a file a mail."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder, self._sender, self._clock = folder, sender, clock

    def send(self, message: Message) -> None:
        """See `Mailer.send`; only this user can read the file."""
        whole = bytes(composed(message, self._sender, self._clock))
        path = self._folder / f"{message.id}.eml"
        partial = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial.touch(mode=0o600)
            partial.write_bytes(whole)
            Path(partial).replace(path)
        except OSError as error:
            raise UnavailableError(f"the mailbox folder does not take mail: {error}") from error


def composed(message: Message, sender: str, clock: Clock) -> EmailMessage:
    """Return a mail with its header fields, plain text first (RFC 2046 §5.1.4)."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: nobody's holiday reply comes back
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail
