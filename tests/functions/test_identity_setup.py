"""The job that registers our applications and appoints the first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.fakes.edge import load
from tests.fakes.identity import ADA
from tests.fakes.identity_house import House, rows, write

if TYPE_CHECKING:
    from types import ModuleType

WEB = "https://watch.example/callback"


@pytest.fixture
def job(identity: House) -> ModuleType:
    """The job, over two accounts of which nobody has verified an address."""
    identity.forget()
    main: Any = load("identity_setup")
    main.secret = lambda _reference: "of the server for assistants"
    found: ModuleType = main
    return found


def run(job: ModuleType, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Run the job and return its summary."""
    assert job.handle(options) == 0
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_our_applications_are_registered_at_the_addresses_of_an_environment(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(job, capsys, "--web-uri", WEB)
    assert first == {"clients": ["mg-tv", "mg-web", "mg-mobile", "mg-mcp"], "appointed": None}
    assert rows("SELECT redirect_uris FROM oauth_client WHERE client_id = 'mg-web'") == [([WEB],)]
    assert run(job, capsys, "--web-uri", WEB) == first
    assert rows("SELECT count(*) FROM oauth_client WHERE first_party") == [(4,)]


def test_an_application_that_was_disabled_stays_so(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    run(job, capsys)
    write("UPDATE oauth_client SET disabled = true WHERE client_id = 'mg-tv'")
    run(job, capsys)
    assert rows("SELECT client_id FROM oauth_client WHERE disabled") == [("mg-tv",)]


def test_an_account_that_has_verified_its_address_is_appointed_and_noted(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    ((email,),) = rows(f"SELECT email FROM app_user WHERE id = '{ADA}'")  # noqa: S608 - an id of ours
    assert job.handle(("--administrator", email)) == 1
    assert "has verified this address" in capsys.readouterr().err

    write("UPDATE app_user SET email_verified = true")
    assert run(job, capsys, "--administrator", email.upper())["appointed"] == ADA

    assert rows("SELECT id::text FROM app_user WHERE role = 'admin'") == [(ADA,)]
    assert rows("SELECT actor_id, action, resource_id FROM audit.audit_log") == [
        ("identity-setup", "USER_CHANGE", ADA)
    ]


def test_an_address_where_nobody_may_be_sent_is_refused_by_its_option(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert job.handle(("--web-uri", "http://watch.example/callback")) == 2
    assert "web_uri.0: Value error, use https" in capsys.readouterr().err
