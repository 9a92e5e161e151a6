"""Every way in is counted by how it ended, under labels that nobody can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.identity.accounts import AccountSuspendedError, CredentialsError
from shared.identity.throttle import TooManyTriesError
from shared.kernel.errors import AppError, MalformedError, UnavailableError
from shared.runtime import auth_tally, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    metrics.reset()
    yield
    metrics.reset()


def counted(name: str) -> dict[str, float]:
    """Return the samples of a counter by their one label."""
    return {
        next(iter(sample.labels.values()), ""): sample.value
        for family in metrics.collected()
        for sample in family.samples
        if sample.name == name
    }


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (CredentialsError(), "wrong"),
        (TooManyTriesError("wait", retry_after_seconds=1), "waits"),
        (AccountSuspendedError("no"), "refused"),
        (UnavailableError("down"), "unavailable"),
        (MalformedError("what"), "malformed"),
    ],
)
def test_a_try_is_counted_by_what_became_of_it(error: AppError, result: str) -> None:
    @auth_tally.logins()
    def log_in() -> None:
        raise error

    for _ in range(2):
        with pytest.raises(type(error)):
            log_in()

    assert counted("auth_login_attempts_total") == {result: 2}


def test_a_factor_that_was_right_is_counted_apart_from_log_ins() -> None:
    with auth_tally.challenges():
        pass

    assert counted("auth_mfa_challenges_total") == {"proven": 1}
    assert counted("auth_login_attempts_total") == {}


def test_tokens_are_counted_by_how_they_came_about_and_unknown_ways_as_one() -> None:
    for grant in ("refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "x", "x:y"):
        auth_tally.issued(grant)
    auth_tally.issued("refresh_token", 400)

    found = counted("auth_token_issued_total")
    assert found == {"refresh_token": 1, "device_code": 1, "other": 2}


def test_a_limit_that_is_not_of_identity_is_counted_elsewhere() -> None:
    for name in ("login", "search"):
        auth_tally.limited(name)
    auth_tally.reused()

    assert counted("auth_rate_limit_exceeded_total") == {"login": 1}
    assert counted("auth_refresh_reuse_total") == {"local": 1}


@pytest.mark.behavior("identity:5.6:wave")
def test_each_failed_log_in_is_one_line_by_which_the_alert_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = [CredentialsError(), TooManyTriesError("wait", retry_after_seconds=1)]
    for error in (*failed, AccountSuspendedError("no"), UnavailableError("down")):
        with pytest.raises(AppError), auth_tally.logins():
            raise error
    with auth_tally.logins():
        pass

    lines = [r for r in caplog.records if r.message == "sign_in.failed"]
    assert [vars(line)["reason"] for line in lines] == ["credentials-wrong", "too-many-tries"]
