"""Every archive of the audit log, by one test each: memory, a folder, a bucket over its API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import stamina

from shared.adapters.audit_archive import BucketArchive, FolderArchive, archive_at
from shared.kernel.errors import UnavailableError
from tests.fakes.audit_archive import Bucket, MemoryArchive, bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared.kernel.audit_archive import Archive

NAME = "main/2026-01-31/000000000001-000000000002-ab cd+ü.jsonl.gz"


def in_bucket(url: str, token: str = "") -> BucketArchive:
    return BucketArchive("locked", base=url, token=lambda: token)


@pytest.fixture(params=["memory", "folder", "bucket"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    if request.param == "bucket":
        with bucket() as served, closing(in_bucket(served.url)) as made:
            yield made
    elif request.param == "folder":
        yield FolderArchive(tmp_path / "archive")
    else:
        yield MemoryArchive()


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Ask again without a pause."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def served() -> Iterator[Bucket]:
    with bucket() as made:
        yield made


def test_an_object_is_kept_as_it_was_first_given(archive: Archive) -> None:
    assert archive.add(NAME, b"first")
    assert not archive.add(NAME, b"second")
    assert archive.read(NAME) == b"first"


def test_names_are_told_by_their_beginning(archive: Archive) -> None:
    assert archive.names("main/") == []
    for name in ("main/c", "main/a", "notes/a", "main/b", "main/d", "main/e"):
        archive.add(name, b"x")

    assert archive.names("main/") == [f"main/{n}" for n in "abcde"]
    assert archive.names("") == [*(f"main/{n}" for n in "abcde"), "notes/a"]


def test_one_of_two_who_add_at_once_is_told_so(archive: Archive) -> None:
    given = [bytes([n]) * 9 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda content: archive.add(NAME, content), given))

    assert added.count(True) == 1
    assert archive.read(NAME) == given[added.index(True)]
    assert archive.names("main/") == [NAME]


def test_a_setting_says_which_archive_it_is(tmp_path: Path) -> None:
    made = archive_at("gs://bucket/")
    assert isinstance(made, BucketArchive)
    made.close()
    assert archive_at(str(tmp_path)).add("main/a", b"x")
    assert (tmp_path / "main/a").read_bytes() == b"x"


def test_a_bucket_is_asked_again_where_it_was_busy(served: Bucket) -> None:
    served.failures = [503, 429]

    with closing(in_bucket(served.url, "t")) as archive:
        assert archive.add(NAME, b"first")
    assert (served.objects, served.tokens) == ({NAME: b"first"}, {"Bearer t"})


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(
    "ask",
    [
        lambda archive: archive.add(NAME, b""),
        lambda archive: archive.read(NAME),
        lambda archive: archive.names("main/"),
    ],
)
def test_a_bucket_that_refuses_is_unavailable(
    served: Bucket,
    ask: Callable[[Archive], object],
    status: int,
) -> None:
    served.failures = [status] * 5
    with (
        closing(in_bucket(served.url)) as archive,
        pytest.raises(UnavailableError, match=str(status)),
    ):
        ask(archive)


def test_what_is_not_there_and_a_place_that_does_not_answer_are_unavailable(
    served: Bucket, tmp_path: Path
) -> None:
    with closing(in_bucket(served.url)) as empty, pytest.raises(UnavailableError, match="404"):
        empty.read(NAME)
    with pytest.raises(UnavailableError, match="cannot be read"):
        FolderArchive(tmp_path).read(NAME)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match="cannot be archived"):
        FolderArchive(tmp_path / "file").add(NAME, b"x")
    with (
        closing(in_bucket("http://127.0.0.1:9")) as nobody,
        pytest.raises(UnavailableError, match="did not answer"),
    ):
        nobody.read(NAME)
