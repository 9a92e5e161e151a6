"""Calls to strangers: whom we call, and that nobody leads us anywhere else."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters import egress
from shared.adapters.egress import AddressDeniedError, Egress, is_public
from shared.kernel.errors import UnavailableError
from tests.fakes.subscribers import Subscriber, subscriber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLIC = "93.184.215.14"
OURS = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
    "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "224.0.1.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1",
    "64:ff9b::5db8:d70e", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "2002:5db8:d70e::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", OURS)
def test_what_is_not_somebodys_on_the_internet_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07::1", "2a00:1450::1"])
def test_what_is_somebodys_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.integers(0, 2**32 - 1))
def test_no_ipv4_address_is_public_in_any_ipv6_clothing(number: int) -> None:
    clothed = [number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    assert not any(is_public(IPv6Address(one)) for one in clothed)
    address = IPv4Address(number)
    if is_public(address):
        assert address.is_global
        assert not (address.is_private)
        assert not (address.is_multicast)
        assert not (address.is_link_local)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names have the addresses of each answer in turn, the last for ever; returns who asked."""
    asked: list[str] = []

    async def addresses(host: str, _port: int) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [ip_address(one) for one in found]

    monkeypatch.setattr(egress, "_addresses", addresses)
    return asked


@pytest.mark.parametrize("address", OURS)
async def test_one_address_of_ours_among_good_ones_is_enough(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolving(monkeypatch, [PUBLIC, address])
    with pytest.raises(AddressDeniedError):
        await Egress().place("https://example.com/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https:///x", "//example.com", "javascript:1",
        "https://user:word@example.com/", "https://user@example.com/", "https://example.com:22/",
        "https://example.com:6379/", "https://example.com:8443/", "https://ex ample.com/", "https://exämple.com/",
        "https://example.com/\r\nhost: x", "https://[::1", "https://example.com:99999/",
        "https://" + "x" * 2000,
    ],
)  # fmt: skip
async def test_a_url_that_is_none_of_the_web_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked = resolving(monkeypatch, [PUBLIC])
    with pytest.raises(AddressDeniedError) as refused:
        await Egress().place(url)
    assert [issue.field for issue in refused.value.issues] == ["url"]
    assert asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "[::1]",
     "[::ffff:169.254.169.254]", "169.254.169.254", "0"],
)  # fmt: skip
async def test_no_way_of_writing_our_own_address_gets_by(host: str) -> None:
    with pytest.raises(AddressDeniedError):
        await Egress().place(f"https://{host}/")


async def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, [])
    with pytest.raises(AddressDeniedError, match="has no address"):
        await Egress().place("https://example.com/")


@pytest.mark.parametrize(
    ("address", "pinned"),
    [
        (PUBLIC, f"https://{PUBLIC}/a?b=c"),
        ("2a00:1450::1", "https://[2a00:1450::1]/a?b=c"),
    ],
)
async def test_the_connection_goes_to_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch, address: str, pinned: str
) -> None:
    resolving(monkeypatch, [address], ["127.0.0.1"])
    place = await Egress().place("https://example.com/a?b=c")

    assert (str(place.pinned), place.url.host) == (pinned, "example.com")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Subscriber]:
    """A subscriber on loopback."""
    with subscriber(tmp_path) as running:
        yield running


async def test_a_push_reaches_its_path_under_its_own_name(receiver: Subscriber) -> None:
    calling = Egress(allow_loopback=True, trusted=receiver.trusted)
    status = await calling.post(receiver.url, {"x-webhook-id": "7"}, b"{}")

    ((headers, body),) = receiver.taken
    assert (status, body, headers[":path"]) == (204, b"{}", "/hook?of=media")
    assert headers["host"].startswith("localhost:")
    assert headers["x-webhook-id"] == "7"


async def test_a_name_is_resolved_once_for_a_push(
    receiver: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    calling = Egress(allow_loopback=True, trusted=receiver.trusted)

    assert await calling.post(receiver.url, {}, b"{}") == 204
    assert asked == ["localhost"]


async def test_the_certificate_must_be_of_the_name_and_of_somebody_trusted(
    receiver: Subscriber,
) -> None:
    stranger = receiver.url.replace("localhost", "LOCALHOST.localdomain")
    with pytest.raises(UnavailableError):
        await Egress(allow_loopback=True).post(receiver.url, {}, b"{}")
    with pytest.raises((UnavailableError, AddressDeniedError)):
        await Egress(allow_loopback=True, trusted=receiver.trusted).post(stranger, {}, b"{}")
    assert receiver.taken == []


async def test_nobody_is_followed_anywhere(receiver: Subscriber) -> None:
    receiver.status, receiver.headers = 307, {"location": "http://169.254.169.254/"}
    calling = Egress(allow_loopback=True, trusted=receiver.trusted)

    assert await calling.post(receiver.url, {}, b"{}") == 307
    assert len(receiver.taken) == 1


async def test_whoever_says_nothing_at_all_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/"
        async with asyncio.timeout(5):
            with pytest.raises(UnavailableError):
                await Egress(allow_loopback=True).post(url, {}, b"{}")


async def test_whoever_answers_drop_by_drop_is_given_up_in_time(
    receiver: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 1.0)
    receiver.drops = 0.1
    calling = Egress(allow_loopback=True, trusted=receiver.trusted)

    with pytest.raises(UnavailableError, match="no answer within"):
        await calling.post(receiver.url, {}, b"{}")
    receiver.drops = 0


def test_loopback_is_refused_unless_a_test_says_otherwise(receiver: Subscriber) -> None:
    with pytest.raises(AddressDeniedError):
        asyncio.run(Egress(trusted=receiver.trusted).post(receiver.url, {}, b"{}"))
    assert receiver.taken == []
