"""A manifest that cannot be right is refused by file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions import manifest
from functions.manifest import Dependency, ManifestError, Role

if TYPE_CHECKING:
    from pathlib import Path

JOB = "summary: Does something useful\narea: catalog\njob: {}\n"
TICK = "summary: Does something each minute\narea: catalog\nschedule: {cron: %r}\n"
ROUTES = """\
summary: Answers something useful
area: catalog
http:
  - {operation: one, method: GET, path: /only/OWN, auth: public}
  - {operation: two, method: GET, path: '/things/{id}', auth: public}
"""
DATABASE = "env: [MEDIA_GATEWAY_DATABASE_INSTANCE, MEDIA_GATEWAY_DATABASE_USER]\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "some_job" / "function.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("roles: [roles/owner]\n", r"roles\.0: .*roles/cloudsql\.client"),
        ("roles: [roles/pubsub.publisher]\n", "roles: .*roles/pubsub.publisher and `publishes`"),
        ("publishes: [content.updated]\n", "roles: .*roles/pubsub.publisher and `publishes`"),
        ("roles: [roles/cloudsql.client]\n", "env: .*MEDIA_GATEWAY_DATABASE_INSTANCE and roles/"),
        (DATABASE, "env: .*MEDIA_GATEWAY_DATABASE_INSTANCE and roles/cloudsql"),
        ("env: [MEDIA_GATEWAY_RAW_DIR]\n", "env: .*MEDIA_GATEWAY_RAW_DIR and roles/storage"),
        ("env: [database_url]\n", r"env\.0: .*pattern"),
        ("env: [GOOGLE_CLOUD_PROJECT]\n", r"env\.0: .*pattern"),
        ("secrets: [some-key]\n", "secrets: .*roles/secretmanager.secretAccessor and"),
        ("secrets: [Some_Key]\n", r"secrets\.0: .*pattern"),
        ("health: {sql: critical}\n", r"health\.sql.*'database'"),
        ("health: {database: fatal}\n", r"health\.database: .*'critical'"),
        ("dependencies: [SQL]\n", r"dependencies\.0: .*pattern"),
        ("dependencies: [sql, sql]\n", "dependencies: .*named twice"),
        ("memory: lots\n", "memory: .*pattern"),
        ("timeout_seconds: 0\n", "timeout_seconds: .*greater"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_file_and_key(
    tmp_path: Path, text: str, key: str
) -> None:
    with pytest.raises(ManifestError, match=rf"some_job/function\.yaml: {key}"):
        manifest.read(written(tmp_path, JOB + text))


@pytest.mark.parametrize("text", ["", "[]", "just words"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ManifestError, match=r"some_job/function\.yaml: manifest"):
        manifest.read(written(tmp_path, text))


@pytest.mark.parametrize("cron", ["* * * * *", "*/5 0-6,22 1 1-12/3 0,7", "0 4 * * 1-5"])
def test_a_schedule_of_five_fields_is_taken(tmp_path: Path, cron: str) -> None:
    found = manifest.read(written(tmp_path, TICK % cron))
    assert found.schedule is not None
    assert found.schedule.cron == cron


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("* * * *", "five fields"),
        ("60 * * * *", "minute '60' is not within 0-59"),
        ("0 24 * * *", "hour '24'"),
        ("0 0 0 * *", "day '0' is not within 1-31"),
        ("0 0 * 13 *", "month '13'"),
        ("0 0 * * 8", "weekday '8'"),
        ("0 9-5 * * *", "hour '9-5'"),
        ("*/0 * * * *", r"minute '\*/0'"),
        ("5, * * * *", "minute '5,'"),
        ("@daily * * * *", "minute '@daily'"),
    ],
)
def test_a_schedule_that_never_comes_is_refused(tmp_path: Path, cron: str, reason: str) -> None:
    expected = rf"some_job/function\.yaml: schedule\.cron: .*{reason}"
    with pytest.raises(ManifestError, match=expected):
        manifest.read(written(tmp_path, TICK % cron))


def test_a_time_zone_is_a_name(tmp_path: Path) -> None:
    text = TICK.replace("%r", "'0 4 * * *', time_zone: 'summer time'")
    with pytest.raises(ManifestError, match=r"schedule\.time_zone"):
        manifest.read(written(tmp_path, text))


def test_routes_that_collide_are_refused_with_the_later_ones_file_and_key(tmp_path: Path) -> None:
    for folder in ("one_read", "two_read"):
        file = tmp_path / folder / "function.yaml"
        file.parent.mkdir()
        file.write_text(ROUTES.replace("OWN", folder), encoding="utf-8")
    with pytest.raises(ManifestError, match=r"two_read/function\.yaml: http\.1\.path: GET /things"):
        manifest.read_all(tmp_path)


def test_every_role_and_every_dependency_is_of_use_to_somebody() -> None:
    found = manifest.read_all().values()

    assert {role for one in found for role in one.roles} == set(Role)
    assert {name for one in found for name in one.health} == set(Dependency)


READ = "summary: Reads one thing or another\narea: one\nhttp:\n"
OTHER = "  - {operation: other, method: GET, path: %s, auth: %s, fallback: {operation: %s}%s}\n"


@pytest.mark.parametrize(
    ("path", "auth", "operation", "more", "reason"),
    [
        ("/other", "public", "nobodys", "", "names a GET that anybody may call"),
        ("/other", "user", "other", "", "names a GET that anybody may call"),
        ("'/other/{id}'", "public", "other", "", "names a GET that anybody may call"),
        ("/other", "public", "other", ", stream: true", "not beside stream or idempotent"),
    ],
)
def test_a_fallback_that_cannot_be_one_is_refused(
    tmp_path: Path, path: str, auth: str, operation: str, *, more: str, reason: str
) -> None:
    file = tmp_path / "one_read" / "function.yaml"
    file.parent.mkdir()
    file.write_text(READ + OTHER % (path, auth, operation, more))

    with pytest.raises(
        ManifestError, match=rf"one_read/function\.yaml: http\.0\.fallback: {reason}"
    ):
        manifest.read_all(tmp_path)


def test_the_gateway_is_told_where_a_fallback_is(tmp_path: Path) -> None:
    file = tmp_path / "one_read" / "function.yaml"
    file.parent.mkdir()
    file.write_text(READ + OTHER % ("/other", "public", "other, ignores: [q]", ""))

    found = manifest.routes(manifest.read_all(tmp_path))

    assert [route["fallback"] for route in found] == [{"path": "/other", "ignores": ["q"]}]
