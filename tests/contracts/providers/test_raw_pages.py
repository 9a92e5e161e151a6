"""Raw pages as files: whole or not at all, and never outside their folder."""

from pathlib import Path

import pytest

from shared.adapters.raw_pages import RawFolder
from shared.kernel.errors import InvalidInputError, MalformedError, UnavailableError
from tests.unit.catalog.pages import file_page

URI = "generic/netflix-US/run-1/00001.json.gz"


def test_page_that_was_written_is_read_back_equal(tmp_path: Path) -> None:
    folder, page = RawFolder(tmp_path / "raw"), file_page({"title": "Heat"}, {"unreadable": "�"})

    folder.write(URI, page)

    assert folder.read(URI) == page


def test_page_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert RawFolder(tmp_path).read(URI) is None


def test_writing_leaves_nothing_but_the_page(tmp_path: Path) -> None:
    folder = RawFolder(tmp_path)

    for title in ("Heat", "Ronin"):
        folder.write(URI, file_page({"title": title}))

    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["00001.json.gz"]
    found = folder.read(URI)
    assert found is not None
    assert found.records == [{"title": "Ronin"}]


@pytest.mark.parametrize(
    "uri",
    [
        "../outside.json.gz",
        "generic/../../outside.json.gz",
        "/etc/passwd",
        "generic//page",
        "generic/.hidden",
        "generic/a b",
        "generic/a\x00b",
        "",
        ".",
        "a/" * 9 + "b",
    ],
)
def test_path_that_is_not_below_the_folder_is_refused(tmp_path: Path, uri: str) -> None:
    folder = RawFolder(tmp_path / "raw")

    with pytest.raises(InvalidInputError, match="raw folder"):
        folder.write(uri, file_page({"title": "Heat"}))
    with pytest.raises(InvalidInputError, match="raw folder"):
        folder.read(uri)


def test_link_inside_the_folder_does_not_lead_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "generic").symlink_to(tmp_path)

    with pytest.raises(InvalidInputError, match="leads out"):
        RawFolder(tmp_path / "raw").read("generic/secret.json.gz")


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00broken"])
def test_file_that_is_no_page_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.json.gz").write_bytes(content)

    with pytest.raises(MalformedError, match=r"page\.json\.gz"):
        RawFolder(tmp_path).read("page.json.gz")


def test_json_that_is_no_page_is_told(tmp_path: Path) -> None:
    folder = RawFolder(tmp_path)
    folder.write_json("page.json.gz", {"items": []})

    with pytest.raises(MalformedError, match="is not one"):
        folder.read("page.json.gz")


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "generic").write_text("a file where a folder should be")

    with pytest.raises(UnavailableError, match="cannot be written"):
        RawFolder(tmp_path).write(URI, file_page({"title": "Heat"}))
