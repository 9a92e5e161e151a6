"""Functions behind the router."""

import os
import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from emulators.cloud_run.host import BEHIND
from tests.emulated.cloud_run.conftest import RunningHost, end, is_gone, start


def test_call_with_a_token_reaches_the_function_without_its_prefix(host: RunningHost) -> None:
    status, echo = host.call_service("search-query", "/api/v1/search?q=heat", b"body")

    assert status == 200
    assert (echo["path"], echo["query"], echo["bytes"]) == ("/api/v1/search", "q=heat", 4)
    assert echo["service"] == "search-query"


def test_function_sees_the_token_but_cannot_use_it_again(host: RunningHost) -> None:
    _, echo = host.call_service("search-query")

    assert echo["authorization"].endswith(".SIGNATURE_REMOVED_BY_GOOGLE")


def test_users_token_passes_untouched_beside_the_services_own(host: RunningHost) -> None:
    status, echo = host.call(
        "GET",
        "/search-query/",
        authorization="Bearer users.own.token",
        x_serverless_authorization=f"Bearer {host.token('search-query')}",
    )

    assert (status, echo["authorization"]) == (200, "Bearer users.own.token")


def test_call_without_a_token_is_forbidden(host: RunningHost) -> None:
    assert host.call("GET", "/search-query/")[0] == 403


def test_token_for_another_service_is_refused(host: RunningHost) -> None:
    token = f"Bearer {host.token('catalog-read')}"

    status, body = host.call("GET", "/search-query/", authorization=token)

    assert status == 401
    assert "catalog-read" in body["error"]


def test_forged_token_is_refused(host: RunningHost) -> None:
    forged = f"Bearer {host.token('search-query')[:-4]}AAAA"

    assert host.call("GET", "/search-query/", authorization=forged)[0] == 401


def test_gateway_needs_no_token_and_listens_on_its_own_port(host: RunningHost) -> None:
    direct = host.call("GET", "/api/v1/genres", port=host.gateway_port)
    routed = host.call("GET", "/gateway/api/v1/genres")

    assert direct[0] == routed[0] == 200
    assert direct[1]["pid"] == routed[1]["pid"]


def test_unknown_service_is_not_found(host: RunningHost) -> None:
    assert host.call("GET", "/nobody/")[0] == 404


def test_function_that_cannot_start_is_unavailable_and_named(host: RunningHost) -> None:
    host.wait(lambda: host.status()["functions"]["broken_start"]["state"] == "failed")

    status, body = host.call_service("broken-start")

    assert status == 503
    assert "broken_start.log" in body["error"]
    assert "ZeroDivisionError" in (host.room / "logs" / "broken_start.log").read_text()


def test_function_that_may_scale_to_zero_starts_with_its_first_call(product: Path) -> None:
    host = start(product)
    before = host.status()["functions"]["links_report"]

    status, echo = host.call_service("links-report", "/first")

    assert before == {"state": "asleep", "restarts": 0, "pid": 0}
    assert (status, echo["path"]) == (200, "/first")
    assert host.status()["functions"]["links_report"]["pid"] == echo["pid"]
    end(host)


def test_functions_that_take_events_come_behind_those_that_somebody_waits_for(
    host: RunningHost,
) -> None:
    waited_for, behind = (
        host.call_service(name)[1]["nice"] for name in ("search-query", "search-index")
    )
    assert behind == waited_for + BEHIND


def test_request_over_its_timeout_is_answered_504(host: RunningHost) -> None:
    assert host.call_service("search-query", "/slow")[0] == 504


def test_several_requests_share_a_connection(host: RunningHost) -> None:
    headers = {"authorization": f"Bearer {host.token('search-query')}"}
    connection = HTTPConnection("127.0.0.1", host.port, timeout=10)
    statuses = []
    for method, path in (("HEAD", "/"), ("GET", "/stream"), ("POST", "/"), ("GET", "/")):
        connection.request(method, f"/search-query{path}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [200, 200, 200, 200]


def test_body_in_chunks_arrives_whole(host: RunningHost) -> None:
    connection = HTTPConnection("127.0.0.1", host.port, timeout=10)
    headers = {"authorization": f"Bearer {host.token('search-query')}"}
    pieces = [b"x" * 100_000] * 5
    connection.request("POST", "/search-query/", iter(pieces), headers, encode_chunked=True)
    answer = connection.getresponse().read()
    connection.close()

    assert b'"bytes":500000' in answer


def test_nonsense_is_answered_400(host: RunningHost) -> None:
    with socket.create_connection(("127.0.0.1", host.port)) as connection:
        connection.sendall(b"not http at all\r\n\r\n")

        assert connection.recv(1000).startswith(b"HTTP/1.1 400")


def test_killed_function_is_forked_again_and_no_call_is_refused(host: RunningHost) -> None:
    pids = [host.call_service("search-query")[1]["pid"]]

    for _ in range(2):  # the second process is killed within its first second
        os.kill(pids[-1], signal.SIGKILL)
        host.wait(lambda: is_gone(pids[-1]), seconds=5)
        status, echo = host.call_service("search-query")
        assert status == 200
        pids.append(echo["pid"])

    assert len(set(pids)) == 3
    assert host.status()["functions"]["search_query"]["restarts"] >= 2


@pytest.mark.skipif(not Path("/proc").exists(), reason="the death signal is Linux's")
def test_functions_end_with_a_host_that_is_killed(product: Path) -> None:
    host = start(product)
    pid = host.call_service("search-query")[1]["pid"]

    host.process.kill()

    host.wait(lambda: is_gone(pid), seconds=5)
    end(host)


def test_gateway_listens_where_it_is_told_to(product: Path) -> None:
    with socket.socket() as held:  # bound without listening, so that nobody else is given the port
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        host = start(product, gateway_port=port)

    assert host.gateway_port == port
    end(host)


def test_host_ends_in_order_with_a_connection_open(product: Path) -> None:
    host = start(product)
    with socket.create_connection(("127.0.0.1", host.gateway_port)):
        end(host)

    assert host.process.returncode == 0
