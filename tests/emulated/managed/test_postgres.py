"""The launcher of PostgreSQL, against the real server."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.managed.binaries import Binaries, find_postgres
from emulators.managed.identity import NAMESPACE, _in_namespace, _on_a_copy
from emulators.managed.postgres import Postgres, PostgresOptions, query, temporary_postgres
from emulators.managed.process import LaunchError, run


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with temporary_postgres() as running:
        yield running


@pytest.fixture
def room() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mg test, pg ") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_server_answers_a_query_and_reports_extensions(server: Postgres) -> None:
    assert server.answers()
    assert set(server.extensions()) == {"pg_trgm", "unaccent"}


def test_each_database_is_its_own_copy_of_the_template(server: Postgres) -> None:
    def build(url: str) -> None:
        name = url.rpartition("/")[2]
        server.query("CREATE TABLE title (name text)", name)
        server.query("INSERT INTO title VALUES ('Heat')", name)

    template = server.template("titles", build)
    with server.database(template) as first, server.database(template) as second:
        server.query("INSERT INTO title VALUES ('Ronin')", first.rpartition("/")[2])

        kept = server.query("SELECT name FROM title", second.rpartition("/")[2])
    assert kept == [["Heat"]]


def test_dropped_database_is_gone_though_a_client_stayed(server: Postgres) -> None:
    with server.database() as url:
        name = url.rpartition("/")[2]
        assert server.query("SELECT 1", name) == [[1]]

    assert not server.has_database(name)


def test_database_is_created_once(server: Postgres) -> None:
    server.create_database("media_gateway")
    server.create_database("media_gateway")

    assert server.query("SELECT current_database()", "media_gateway") == [["media_gateway"]]


def test_cluster_killed_without_warning_starts_again_with_what_was_committed(room: Path) -> None:
    options = PostgresOptions(data=room / "a data" / "pg", log=room / "pg.log", durable=True)
    server = Postgres(options).start()
    server.query("CREATE TABLE title AS SELECT 'Heat' AS name")
    assert server.process is not None
    server.process.kill()
    server.process.wait()

    server.start()
    try:
        assert server.query("SELECT name FROM title") == [["Heat"]]
    finally:
        server.stop()


def test_server_left_behind_by_a_lost_supervisor_is_replaced(room: Path) -> None:
    options = PostgresOptions(data=room / "pg", log=room / "pg.log")
    forgotten = Postgres(options).start()
    forgotten.query("CREATE TABLE title AS SELECT 'Heat' AS name")

    server = Postgres(options).start()
    try:
        assert server.query("SELECT name FROM title") == [["Heat"]]
        assert forgotten.process is not None
        assert forgotten.process.wait(5) == 0
    finally:
        server.stop()
        forgotten.stop()


def test_closed_parent_folder_is_served_from_a_user_namespace(room: Path) -> None:
    if not can_unshare():
        pytest.skip("this kernel gives no user namespaces")
    room.chmod(0o700)
    (room / "data").mkdir()

    placement = _in_namespace(find_postgres(), room / "data")

    assert placement is not None
    assert placement.identity == NAMESPACE


def test_closed_parent_folder_without_namespaces_is_served_from_a_copy(room: Path) -> None:
    if not can_change_user():
        pytest.skip("only root becomes somebody else")
    (room / "data").mkdir()

    placement = _on_a_copy(find_postgres(), room / "data")

    assert placement is not None
    assert room not in placement.data.parents


def test_folder_without_programs_is_refused_with_its_name(room: Path) -> None:
    options = PostgresOptions(data=room / "pg", log=room / "pg.log", programs=str(room))

    with pytest.raises(LaunchError, match="holds no initdb"):
        Postgres(options).start()


def test_system_programs_are_found_when_named() -> None:
    wheel = find_postgres()

    assert find_postgres(str(wheel.folder)) == Binaries(wheel.folder, "asked")


def test_statement_with_an_error_closes_its_connection(server: Postgres) -> None:
    with pytest.raises(Exception, match="nowhere"):
        query("127.0.0.1", server.port, "SELECT * FROM nowhere", database="postgres")

    rows = server.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%nowhere%'")
    assert rows[0][0] == 1  # only the one that asks


def can_unshare() -> bool:
    return run(["true"], identity=NAMESPACE).returncode == 0


def can_change_user() -> bool:
    return run(["id", "-u"]).stdout.strip() == "0"
