"""Pages of strangers, read with care."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from shared.adapters import egress
from shared.adapters.egress import AddressDeniedError, Egress
from shared.kernel.errors import TooLargeError, UnavailableError
from tests.fakes.client_documents import ClientHost, client_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ClientHost]:
    """A stranger's host."""
    with client_host(tmp_path) as running:
        yield running


@pytest.fixture
def calling(host: ClientHost) -> Egress:
    """Calls to it."""
    return Egress(allow_loopback=True, trusted=host.trusted)


async def test_a_page_comes_as_it_is_up_to_the_last_byte(host: ClientHost, calling: Egress) -> None:
    host.said, host.headers["x-kind"] = b"x" * 1000, "page"
    found = await calling.fetch(host.url, {"accept": "*/*"}, most_bytes=1000)
    assert (found.status, found.body, found.headers["x-kind"]) == (200, b"x" * 1000, "page")

    with pytest.raises(TooLargeError):
        await calling.fetch(host.url, {}, most_bytes=999)


async def test_what_was_packed_without_being_asked_for_is_not_unpacked(
    host: ClientHost, calling: Egress
) -> None:
    host.said, host.headers["content-encoding"] = gzip.compress(b"x" * 10_000_000), "gzip"
    found = await calling.fetch(host.url, {}, most_bytes=20_000)
    assert found.body == host.said


async def test_nobody_is_followed_and_no_inner_address_is_read(
    host: ClientHost, calling: Egress
) -> None:
    host.status, host.headers["location"] = 302, "https://169.254.169.254/"
    found = await calling.fetch(host.url, {}, most_bytes=1000)

    assert (found.status, host.asked) == (302, 1)
    for url in (host.url, "https://169.254.169.254/latest/meta-data/"):
        with pytest.raises(AddressDeniedError):
            await Egress(trusted=host.trusted).fetch(url, {}, most_bytes=1000)


async def test_a_page_that_comes_drop_by_drop_is_given_up_in_time(
    host: ClientHost, calling: Egress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 1.0)
    host.drops = 0.1
    with pytest.raises(UnavailableError, match="no answer within"):
        await calling.fetch(host.url, {}, most_bytes=100_000)
    host.drops = 0
