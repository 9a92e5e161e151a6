"""Lines as Cloud Logging reads them, and what never stands in one."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters import secrets
from shared.kernel import trace
from shared.kernel.errors import NotFoundError, UnavailableError
from shared.runtime import logging as lines
from shared.runtime.logging import (
    JsonFormatter,
    PrettyFormatter,
    hashed_user,
    levels,
    note_user,
    redacted,
    request_done,
    request_id,
    set_up_logging,
    user_id_hash,
)
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE = "0af7651916cd43dd8448eb211c80319c"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
SECRETS = {
    "authorization": "Bearer abc-def-ghi",
    "X-Serverless-Authorization": "Bearer abc-def-ghi",
    "cookie": "session=abc-def-ghi",
    "password": "abc-def-ghi",
    "newPassword": "abc-def-ghi",
    "refresh_token": "abc-def-ghi",
    "accessToken": "abc-def-ghi",
    "token": "abc-def-ghi",
    "api_key": "abc-def-ghi",
    "X-API-Key": "abc-def-ghi",
    "client_secret": "abc-def-ghi",
    "private_key": "abc-def-ghi",
    "Idempotency-Key": "abc-def-ghi",
    "code_verifier": "abc-def-ghi",
    "pin": 4711,
    "email": "zoe@example.com",
    "ip": "198.51.100.7",
    "user_id": "zoe",
    "q": "abc-def-ghi",
    "query": {"words": "abc-def-ghi"},
}
TEXTS = [
    f"refused {JWT} of a caller",
    "refused Bearer abc-def-ghi",
    "written to zoe.lee+films@example.co.uk just now",
    "GET /api/v1/search?q=abc-def-ghi&page=2 failed",
    "postgresql://zoe:abc-def-ghi@db/media cannot be reached",
    "key AIzaSyA1234567890abcdefghijklmnopqrstuv was refused",
    "-----BEGIN PRIVATE KEY-----\nabc-def-ghi\n-----END PRIVATE KEY-----",
]
HIDDEN = ("abc-def-ghi", "zoe", "eyJ", "AIza", "4711", "198.51")


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"K_SERVICE": "search-query", "K_REVISION": "r7", "GOOGLE_CLOUD_PROJECT": "media"}
    change(monkeypatch, named)


def line(message: str = "title.merged", **extra: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return the line of one event, parsed."""
    named = {"msg": message, "name": "shared.test", "created": 1767225600.5}
    record = logging.makeLogRecord({**named, **extra})
    found: dict[str, Any] = orjson.loads(JsonFormatter().format(record))
    return found


def test_a_line_has_the_names_that_cloud_logging_reads() -> None:
    found = line(levelname="WARNING", created=1767225600.5, title="heat")

    assert found["severity"] == "WARNING"
    assert found["message"] == "title.merged"
    assert found["timestamp"] == "2026-01-01T00:00:00.500000+00:00"
    assert (found["service"], found["version"]) == ("search-query", "r7")
    assert found["title"] == "heat"


def test_a_line_belongs_to_its_request_its_user_and_its_trace() -> None:
    who = hashed_user("ann", b"key")
    tokens = [(request_id, request_id.set("abcd-1234")), (user_id_hash, user_id_hash.set(who))]
    given = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    with trace.entered(given, "GET", trace.Kind.SERVER, sample=0) as span:
        found = line()
    for variable, token in tokens:
        variable.reset(token)

    assert (found["request_id"], found["user_id_hash"]) == ("abcd-1234", who)
    assert found["logging.googleapis.com/trace"] == f"projects/media/traces/{TRACE}"
    assert found["logging.googleapis.com/spanId"] == found["span_id"] == span.context.span_id
    assert found["logging.googleapis.com/trace_sampled"] is True


def test_a_user_is_told_by_a_hash_that_needs_the_key() -> None:
    assert hashed_user("ann", b"key") == hashed_user("ann", b"key")
    assert hashed_user("ann", b"key") != hashed_user("ann", b"other")
    assert "ann" not in hashed_user("ann", b"key")


@pytest.fixture
def key_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """References whose keys were read; one that ends in ``gone`` cannot be."""
    asked: list[str] = []

    def secret(reference: str) -> str:
        asked.append(reference)
        if reference.endswith("gone"):
            raise UnavailableError(f"secret {reference} cannot be read")
        return "short" if reference.endswith("short") else "k" * 32

    monkeypatch.setattr(secrets, "secret", secret)
    monkeypatch.setattr(lines, "_keys", {})
    monkeypatch.setattr(lines, "_not_before", {})
    token = user_id_hash.set("")
    yield asked
    user_id_hash.reset(token)


async def test_a_line_tells_users_apart_and_names_none(
    key_reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": "reference"})
    for user in ("ann", "zoe", "ann"):
        await note_user(user)
        found = line()
        assert found["user_id_hash"] == hashed_user(user, b"k" * 32)
        assert user not in str(found)
    assert key_reads == ["reference"]


@pytest.mark.parametrize("reference", ["", "gone", "short"])
async def test_without_a_key_that_will_do_lines_name_nobody_and_nobody_waits(
    key_reads: list[str], monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": reference})
    for _ in range(3):
        await note_user("ann")
        assert "user_id_hash" not in line()
    assert key_reads == [reference][: bool(reference)]


def test_an_error_has_its_type_its_code_and_where_it_happened() -> None:
    try:
        raise NotFoundError("there is no title 7")  # noqa: TRY301 - the trace of a raise is the point
    except NotFoundError:
        found = line(exc_info=sys.exc_info())

    assert found["error"] == {"type": "NotFoundError", "code": "not-found"}
    assert "there is no title 7" in found["stack_trace"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_known_by_its_fields_name(name: str) -> None:
    for fields in ({name: SECRETS[name]}, {"headers": {name: SECRETS[name]}}):
        written = orjson.dumps(line(**fields)).decode()
        assert name in written
        assert not any(value in written for value in HIDDEN)


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_is_known_by_its_form(text: str) -> None:
    for fields in ({"detail": text}, {"msg": text}, {"parts": [{"deep": text}]}):
        written = orjson.dumps(line(**fields)).decode()
        assert not any(value in written for value in HIDDEN)
        assert "[redacted]" in written


def test_a_secret_in_an_exception_is_taken_out_too() -> None:
    try:
        raise ValueError(TEXTS[0])  # noqa: TRY301 - the trace of a raise is the point
    except ValueError:
        written = orjson.dumps(line(exc_info=sys.exc_info())).decode()
    assert JWT not in written


@given(st.text())
def test_of_a_search_only_length_and_hash_are_left(text: str) -> None:
    found = redacted("search_text", text)
    assert found["length"] == len(text)
    assert found == redacted("q", text)
    assert len(found["sha256"]) == 16


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Heat (1995)"),
        ("event", "6f1d7c1e-6a55-5f0c-9d5e-0c2f6c3f3c10"),
        ("user_id_hash", "9f86d081884c7d65"),
        ("monkey", "bars"),
        ("shipping", "unread"),
        ("detail", "what happened? nobody knows"),
        ("milliseconds", 12.5),
        ("hit", None),
        ("detail", "/api/v1/content/{id}"),
    ],
)
def test_what_is_no_secret_stays_readable(name: str, value: object) -> None:
    assert redacted(name, value) == value


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.just("\ud800") | st.just(1 << 70), st.lists
    )
)
def test_whatever_is_logged_becomes_a_line(value: object) -> None:
    assert line(anything=value)["severity"]


def test_eyes_get_one_line_without_secrets() -> None:
    record = logging.makeLogRecord(
        {"msg": "title.merged", "levelname": "INFO", "title": "heat", "token": "abc-def-ghi"}
    )
    found = PrettyFormatter().format(record)

    assert found.endswith("INFO    title.merged title=heat token=[redacted]")


@pytest.fixture
def loggers() -> Iterator[None]:
    """Put back what the set-up of logging changes."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    set_up_logging.cache_clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("shared", "shared.quiet"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    set_up_logging.cache_clear()


@pytest.mark.usefixtures("loggers")
def test_a_module_may_have_a_level_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_LEVELS": "shared.quiet=ERROR,shared=DEBUG"})
    set_up_logging()

    logging.getLogger("shared.search").debug("seen.one")
    logging.getLogger("shared.quiet").warning("seen.two")
    logging.getLogger("other").debug("seen.three")

    assert [orjson.loads(one)["message"] for one in capsys.readouterr().out.splitlines()] == [
        "seen.one"
    ]


@pytest.mark.usefixtures("loggers")
def test_the_form_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_FORMAT": "pretty"})
    set_up_logging()

    request_done({"method": "GET", "route": "/a/{id}", "status": 200}, latency_ms=1.234)

    (written,) = capsys.readouterr().out.splitlines()
    assert written.endswith(
        'INFO    request.done http={"method":"GET","route":"/a/{id}","status":200} latency_ms=1.23'
    )


@pytest.mark.usefixtures("loggers")
def test_the_line_of_a_request_is_the_one_that_logging_would_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_FORMAT": "json"})
    set_up_logging()
    said = {"upstream": "search-query", "cache": "HIT", "token": "s3cret", "user": "a@b.example"}

    def written() -> dict[str, object]:
        http = {"method": "GET", "route": "/a/{id}", "status": 200}
        request_done(http, latency_ms=1.234, extra=said)
        line: dict[str, object] = orjson.loads(capsys.readouterr().out)
        assert str(line.pop("timestamp")).endswith("+00:00")
        return line

    straight = written()
    logging.getLogger().addHandler(logging.NullHandler())  # somebody listens: the long way

    assert straight == written()
    assert (straight["token"], straight["user"]) == ("[redacted]", "[redacted]")


@pytest.mark.usefixtures("loggers")
def test_who_listens_to_requests_or_silences_them_is_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lines() -> int:
        request_done({"method": "GET", "route": "/a", "status": 200}, latency_ms=1)
        return len(capsys.readouterr().out.splitlines())

    change(monkeypatch, {"MEDIA_GATEWAY_LOG_FORMAT": "json"})
    set_up_logging()
    assert lines() == 1
    requests, silent = logging.getLogger("shared.request"), logging.Filter("another")
    requests.addFilter(silent)
    assert lines() == 0
    requests.removeFilter(silent)
    logging.getLogger("shared").setLevel(logging.WARNING)
    assert lines() == 0


def test_levels_are_set_from_the_whole_to_the_part() -> None:
    assert list(levels("a.b=ERROR, a=DEBUG")) == [("a", "DEBUG"), ("a.b", "ERROR")]
    assert list(levels("")) == []
