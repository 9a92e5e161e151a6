"""The launcher of Redis, against the real server."""

from pathlib import Path

import pytest
import redis

from emulators.managed.process import LaunchError
from emulators.managed.redis import Redis, RedisOptions, temporary_redis


def test_server_answers() -> None:
    with temporary_redis() as server, redis.Redis.from_url(server.url) as client:
        client.set("title", "Heat")

        assert client.get("title") == b"Heat"


def test_durable_server_killed_without_warning_keeps_what_reached_its_file(tmp_path: Path) -> None:
    options = RedisOptions(tmp_path / "some data", tmp_path / "redis.log", durable=True)
    server = Redis(options).start()
    with redis.Redis.from_url(server.url) as client:
        client.set("title", "Heat")
    assert server.process is not None
    server.process.kill()
    server.process.wait()

    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            assert client.get("title") == b"Heat"
    finally:
        server.stop()


def test_server_that_cannot_have_its_port_says_so(tmp_path: Path) -> None:
    with temporary_redis() as first:
        second = Redis(RedisOptions(tmp_path, tmp_path / "redis.log", port=first.port))
        second.launch()
        assert second.process is not None

        assert second.process.wait(5) != 0


def test_missing_program_is_refused(tmp_path: Path) -> None:
    options = RedisOptions(tmp_path, tmp_path / "redis.log", program=str(tmp_path / "nothing"))

    with pytest.raises((LaunchError, FileNotFoundError)):
        Redis(options).start()
