"""Mail over SMTP behind TLS, and into a folder."""

from __future__ import annotations

import stat
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from shared.adapters.mail import FolderMailer, Server, SmtpMailer, mailer_at
from shared.identity.mail import MailRefusedError, Message
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from tests.fakes.smtp import MailServer, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENDER = "Media Gateway <no-reply@media.example>"
MAIL = Message("019b", "nora@example.com", "A code for Zoë", "Hello Zoë\n\ncode\n", "<p>Zoë</p>")


@pytest.fixture(params=[True, False], ids=["smtps", "starttls"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailServer]:
    """A server of each kind."""
    with mail_server(tmp_path, implicit=request.param) as running:
        yield running


def mailer(server: MailServer, user: str = "", trusted: bool = True) -> SmtpMailer:
    """Return what sends to a server."""
    context = server.trusted if trusted else None
    place = Server("localhost", server.port, server.implicit, user, context)
    return SmtpMailer(place, SENDER, lambda: "a password", clock=FixedClock())


def test_a_mail_arrives_whole_and_behind_tls(server: MailServer) -> None:
    mailer(server, "gateway").send(MAIL)

    found = message_from_bytes(server.taken[0], policy=policy.default)
    assert (found["To"], found["From"], found["Subject"]) == (MAIL.to, SENDER, MAIL.subject)
    assert found["Message-ID"] == "<019b@media.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    parts = [part.get_content().replace("\r\n", "\n") for part in found.iter_parts()]
    assert parts == [MAIL.text, MAIL.html + "\n"]
    assert server.logged_in == [("gateway", "a password")]


def test_nothing_is_said_to_a_server_that_nobody_vouches_for(server: MailServer) -> None:
    with pytest.raises(UnavailableError):
        mailer(server, "gateway", trusted=False).send(MAIL)

    assert server.logged_in == []
    assert "MAIL" not in server.said


def test_nothing_is_sent_in_clear(tmp_path: Path) -> None:
    with mail_server(tmp_path, implicit=False) as server:
        server.refuses["STARTTLS"] = "502 not here"
        with pytest.raises(UnavailableError):
            mailer(server, "gateway").send(MAIL)

    assert set(server.said) <= {"EHLO", "STARTTLS", "QUIT", "RSET"}


REPLIES = [
    ("RCPT", "550 nobody here", MailRefusedError),
    ("RCPT", "451 later", UnavailableError),
    ("DATA", "554 not this", MailRefusedError),
    ("DATA", "452 full", UnavailableError),
    ("MAIL", "421 closing", UnavailableError),
]


@pytest.mark.parametrize(("command", "reply", "kind"), REPLIES)
def test_only_what_no_repetition_mends_is_refused_for_good_and_no_address_is_repeated(
    tmp_path: Path, command: str, reply: str, kind: type[Exception]
) -> None:
    with mail_server(tmp_path, implicit=True) as server:
        server.refuses[command] = f"{reply} {MAIL.to}"
        with pytest.raises(kind) as refused:
            mailer(server).send(MAIL)

    assert MAIL.to not in str(refused.value)


def test_without_a_server_mail_waits(tmp_path: Path) -> None:
    place = mailer_at("smtp://localhost:1", SENDER, str, clock=FixedClock())
    with pytest.raises(UnavailableError):
        place.send(MAIL)
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError):
        FolderMailer(tmp_path / "file", SENDER, FixedClock()).send(MAIL)


def test_a_folder_keeps_a_mail_once_for_its_owner_alone(tmp_path: Path) -> None:
    place = mailer_at(str(tmp_path / "mail"), SENDER, str, clock=FixedClock())
    for _ in range(2):
        place.send(MAIL)

    (kept,) = (tmp_path / "mail").iterdir()
    assert kept.name == "019b.eml"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b"Subject: " in kept.read_bytes()
