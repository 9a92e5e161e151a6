"""Settings that are wrong, and what each kind of error is answered with."""

import pytest
from pydantic import BaseModel

from shared.kernel import errors
from shared.runtime.jobs import job
from shared.runtime.problems import problem, status_of
from shared.runtime.settings import settings
from tests.fakes.surroundings import change

KINDS = {
    errors.MalformedError: 400,
    errors.UnauthenticatedError: 401,
    errors.DeniedError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.GoneError: 410,
    errors.StaleError: 412,
    errors.TooLargeError: 413,
    errors.UnsupportedTypeError: 415,
    errors.InvalidInputError: 422,
    errors.ExhaustedError: 429,
    errors.UnavailableError: 503,
    errors.TimedOutError: 504,
}


def test_every_setting_that_cannot_be_right_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"MEDIA_GATEWAY_LOG_LEVEL": "LOUD", "MEDIA_GATEWAY_FUNCTION_URL": "nowhere"}
    change(monkeypatch, wrong)

    with pytest.raises(SystemExit) as stopped:
        settings()

    said = capsys.readouterr().err
    assert stopped.value.code == 78
    assert "log_level" in said
    assert "function_url" in said
    assert "nowhere" not in said


@pytest.mark.parametrize(("kind", "status"), KINDS.items())
def test_the_kind_alone_decides_the_status(kind: type[errors.AppError], status: int) -> None:
    class SituationError(kind):  # type: ignore[misc,valid-type]
        code = "situation"

    found = problem(SituationError("it happened"), trace_id="t")

    assert status_of(SituationError("it happened")) == status
    assert (found["type"], found["status"], found["detail"]) == (
        "/problems/situation",
        status,
        "it happened",
    )


def test_no_kind_is_forgotten() -> None:
    known = {*KINDS, errors.MethodNotAllowedError}
    named = {
        kind for kind in errors.AppError.__subclasses__() if kind.__module__ == errors.__name__
    }

    assert named == known


class Options(BaseModel):
    """What the job of this test takes."""

    provider: str
    page_size: int = 10
    regions: list[str] = []


@job(Options)
def fetch(options: Options) -> dict[str, object]:
    """Fail as told, else say what was asked."""
    if options.provider == "down":
        raise errors.UnavailableError("the provider does not answer")
    return options.model_dump()


def test_a_job_prints_its_summary_last(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--provider", "x", "--page-size", "5", "--regions", "US", "--regions", "CA"]
    assert fetch(asked) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == '{"provider":"x","page_size":5,"regions":["US","CA"]}'


def test_a_job_that_fails_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(["--provider", "down"]) == 1
    assert "the provider does not answer" in capsys.readouterr().err


def test_options_that_are_wrong_are_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(["--page-size", "many"]) == 2
    said = capsys.readouterr().err
    assert "provider" in said
    assert "page_size" in said
