"""CSV and JSON Lines, plain and packed, with every way a line can be bad."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.providers.file_source import LONGEST_LINE, FileSource
from shared.catalog.mapping import parse_mapping
from shared.kernel.errors import InvalidInputError, NotFoundError

MAPPING = parse_mapping({"columns": {"title": "title", "year": "year"}, "type": "movie"})
HEADER = b"title,year\n"


def read(path: Path, cursor: str | None = None) -> list[dict[str, Any]]:
    """Return every record of a file."""
    return [r for delivery in FileSource(path, MAPPING).pages(cursor) for r in delivery.records]


def written(folder: Path, content: bytes, name: str = "titles.csv") -> Path:
    """Return a file of this content."""
    path = folder / name
    path.write_bytes(content)
    return path


def bad(records: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return line and reason of each unreadable record."""
    return [(r["line"], r["error"]) for r in records if "unreadable" in r]


def good(records: list[dict[str, Any]]) -> list[str]:
    """Return the titles of the readable records."""
    return [r["title"] for r in records if "unreadable" not in r]


def test_quoted_text_may_span_lines_and_hold_blank_ones(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + b'"Heat\n\nA ""film""",1995\r\nRonin,1998\r\n')

    assert good(read(path)) == ['Heat\n\nA "film"', "Ronin"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"Heat", "has 1 columns, the header has 2"),
        (b"Heat,1995,more", "has 3 columns, the header has 2"),
        (b"He\x00at,1995", "holds a NUL character"),
        (b"H\xe9at,1995", "is not UTF-8 at byte 1"),
        (b'"Heat,1995', "opens a quote that is not closed"),
        (b'"Heat" x,1995', "is no CSV: ',' expected after '\"'"),
        (b"x" * (LONGEST_LINE + 10) + b",1995", f"is longer than {LONGEST_LINE} bytes"),
    ],
    ids=["short", "long", "nul", "undecodable", "unbalanced quote", "text after quote", "endless"],
)
def test_bad_line_costs_itself_only(tmp_path: Path, line: bytes, reason: str) -> None:
    path = written(tmp_path, HEADER + b"Thief,1981\n" + line + b'\nRonin,1998\n"Collateral",2004\n')

    records = read(path)

    assert bad(records) == [(3, reason)]
    assert good(records) == ["Thief", "Ronin", "Collateral"]


def test_unbalanced_quote_before_a_record_of_several_lines_costs_itself_only(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, HEADER + b'"Heat,1995\n"Ronin\nagain",1998\nThief,1981\n')

    records = read(path)

    assert len(bad(records)) == 1
    assert good(records) == ["Ronin\nagain", "Thief"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"title": "Heat"', "is no JSON"),
        (b'["Heat"]', "is no JSON object"),
        (b'{"title": "H\xe9at"}', "is not UTF-8"),
        (b'{"title": "\x00"}', "holds a NUL"),
    ],
)
def test_bad_json_line_costs_itself_only(tmp_path: Path, line: bytes, reason: str) -> None:
    content = b'{"title": "Thief"}\n' + line + b'\n\n{"title": "Ronin"}\n'

    records = read(written(tmp_path, content, "titles.jsonl"))

    assert [number for number, _ in bad(records)] == [2]
    assert bad(records)[0][1].startswith(reason)
    assert good(records) == ["Thief", "Ronin"]


@pytest.mark.parametrize("name", ["titles.csv", "titles.csv.gz", "titles", "titles.CSV"])
def test_format_and_packing_are_recognized(tmp_path: Path, name: str) -> None:
    content = b"\xef\xbb\xbf" + HEADER + b"Heat,1995\n"
    packed = gzip.compress(content) if name.endswith("gz") else content

    assert good(read(written(tmp_path, packed, name))) == ["Heat"]


def test_json_lines_without_an_ending_are_recognized(tmp_path: Path) -> None:
    assert good(read(written(tmp_path, b'{"title": "Heat"}', "export"))) == ["Heat"]


def test_packed_file_that_breaks_off_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    rows = b"".join(b"Title %d,1995\n" % number for number in range(50_000))
    packed = gzip.compress(HEADER + rows)

    records = read(written(tmp_path, packed[: len(packed) // 2], "titles.csv.gz"))

    assert len(good(records)) > 1000
    assert "breaks off" in bad(records)[-1][1]


def test_pages_hold_a_hundred_and_go_on_at_their_cursor(tmp_path: Path) -> None:
    rows = b"".join(b"Title %d,1995\n" % number for number in range(250))
    path = written(tmp_path, HEADER + rows)

    deliveries = list(FileSource(path, MAPPING).pages(None))

    assert [(len(d.records), d.next_cursor) for d in deliveries] == [
        (100, "100"),
        (100, "200"),
        (50, None),
    ]
    assert good(read(path, "200"))[0] == "Title 200"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"name,year\n", "has no column title; it has name, year"),
        (b"title,year,year\n", "two columns of one name"),
        (b"ti\xfftle,year\n", "the header is not UTF-8"),
    ],
)
def test_file_that_cannot_be_read_at_all_is_refused(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        read(written(tmp_path, content))


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file .*titles\.csv"):
        read(tmp_path / "titles.csv")
