"""JSON files that are no JSON Lines: one array, or objects over several lines."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters.providers.json_values import CHUNK
from shared.adapters.providers.lines import LONGEST_LINE
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import RawPage
from shared.kernel.clock import FixedClock
from tests.contracts.providers.test_file_source import MAPPING, bad, good, read, written

if TYPE_CHECKING:
    from pathlib import Path

TITLES = [{"title": name, "cast": [{"name": "A"}, {"name": "B"}]} for name in ("Heat", "Ronin")]
PRETTY, MINIFIED = json.dumps(TITLES, indent=2), json.dumps(TITLES, separators=(",", ":"))


@pytest.mark.parametrize(
    "content",
    [
        PRETTY,
        MINIFIED,
        json.dumps(TITLES),
        "[" + ",\n".join(map(json.dumps, TITLES)) + "]\n",
        "\ufeff\r\n [\r\n" + ",\r\n".join(map(json.dumps, TITLES)) + "\r\n]\r\n",
        "\n".join(json.dumps(title, indent=4) for title in TITLES),
        "".join(json.dumps(title, indent=4) for title in TITLES),
        "[" + " " * CHUNK + PRETTY[1:-1] + " " * CHUNK + "]",
        MINIFIED[:-1] + ",]",
    ],
    ids=[
        "pretty",
        "minified",
        "one line",
        "a line each",
        "windows",
        "objects",
        "objects side by side",
        "spaced",
        "comma at the end",
    ],
)
@pytest.mark.parametrize("name", ["titles.json", "titles.json.gz", "export"])
def test_array_or_objects_over_several_lines_give_their_records(
    tmp_path: Path, content: str, name: str
) -> None:
    packed = content.encode() if name != "titles.json.gz" else gzip.compress(content.encode())

    assert read(written(tmp_path, packed, name)) == TITLES


def test_single_object_over_several_lines_is_one_record(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(TITLES[0], indent=2).encode(), "titles.json")

    assert read(path) == TITLES[:1]


def test_empty_array_has_no_records(tmp_path: Path) -> None:
    assert read(written(tmp_path, b" [ \n ] \n", "titles.json")) == []


def test_array_stays_a_bad_line_where_the_ending_promises_lines(tmp_path: Path) -> None:
    content = b'["Heat"]\n{"title": "Ronin"}\n'

    records = read(written(tmp_path, content, "titles.jsonl"))

    assert (bad(records), good(records)) == ([(1, "is no JSON object")], ["Ronin"])


NEXT = '{"title": "Heat"},%s,\n{"title": "Ronin"}'


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ('"Thief"', "is no JSON object"),
        ("17", "is no JSON object"),
        ('["Thief"]', "is no JSON object"),
        ("", "is empty: two commas follow each other"),
        ("{'title': 'Thief'}", "is no JSON: "),
        ('{"title": "Thief",}', "is no JSON: "),
        ('{"title": "Thief"} x', "is no JSON: "),
        ('{"title": "Th\x00ief"}', "holds a NUL character"),
        ('{"title": "Thief"', "closes with ] what that does not open"),
        ('{"title": ["Thief"}', "closes with } what that does not open"),
        ('{"title": "Thief"}}', "has a } that closes nothing"),
        ('{"title": "Thief}', "breaks its line within a text"),
    ],
)
def test_bad_element_costs_itself_only(tmp_path: Path, element: str, reason: str) -> None:
    content = f"[{NEXT}]" % element

    records = read(written(tmp_path, content.encode(), "titles.json"))

    assert good(records) == ["Heat", "Ronin"]
    ((line, told),) = bad(records)
    assert line == 1
    assert told.startswith(reason)


def test_bracket_that_closes_the_array_too_early_costs_itself_only(tmp_path: Path) -> None:
    content = b'[{"title": "Heat"}],\n{"title": "Ronin"}]'

    records = read(written(tmp_path, content, "titles.json"))

    assert (good(records), len(bad(records))) == (["Heat", "Ronin"], 1)


def test_objects_within_a_broken_element_are_no_titles(tmp_path: Path) -> None:
    whole = '{"title": "Heat", "cast": [{"name": "A"}, {"name": "B"}]}'
    broken = whole.replace("}]}", "}}")
    content = f"[{whole}, {broken}, {whole}]"

    records = read(written(tmp_path, content.encode(), "titles.json"))

    assert good(records) == ["Heat", "Heat"]
    assert [reason for _, reason in bad(records)] == ["closes with } what that does not open"]


def test_bad_element_is_found_by_its_number_and_line_with_its_source(tmp_path: Path) -> None:
    lines = [
        "[",
        '  {"title": "Heat"},',
        "  {",
        '    "title": "Thief',
        "  },",
        '  {"title": "Ronin"}',
    ]
    records = read(written(tmp_path, "\n".join([*lines, "]"]).encode(), "titles.json"))

    page = RawPage(
        provider="generic",
        platform="netflix",
        region="US",
        mapping=MAPPING.model_dump(mode="json", exclude_none=True),
        fetched_at=FixedClock().now(),
        records=records,
    )
    ((error,), items) = (found := normalize_page(page, "p.json.gz")).errors, found.items

    assert [item.title for item in items] == ["Heat", "Ronin"]
    assert (error.index, error.field) == (1, "element 2, line 3")
    assert records[1]["unreadable"] == '{\n    "title": "Thief\n  },'


def test_objects_over_several_lines_go_on_behind_a_bad_one(tmp_path: Path) -> None:
    content = b'{\n "title": "Heat"\n}\nnonsense\n{\n "title": \n{\n "title": "Ronin"\n}\n'

    records = read(written(tmp_path, content, "titles.json"))

    assert good(records) == ["Heat", "Ronin"]
    assert [line for line, _ in bad(records)] == [4, 5]


def test_lines_whose_first_is_bad_are_read_from_the_second_on(tmp_path: Path) -> None:
    content = b'{"title": "Heat"\n{"title": "Ronin"}\n{"title": "Thief"}\n'

    records = read(written(tmp_path, content, "titles.json"))

    assert (len(bad(records)), good(records)) == (1, ["Ronin", "Thief"])


@pytest.mark.parametrize("separator", [",", ",\n"])
def test_element_of_more_than_a_megabyte_is_set_aside_by_its_beginning(
    tmp_path: Path, separator: str
) -> None:
    long = '{"title": "%s"}' % ("x" * (LONGEST_LINE + 3 * CHUNK))
    content = "[" + separator.join(['{"title": "Heat"}', long, '{"title": "Ronin"}']) + "]"

    records = read(written(tmp_path, content.encode(), "titles.json"))

    assert good(records) == ["Heat", "Ronin"]
    assert bad(records)[0][1] == f"is longer than {LONGEST_LINE} bytes"
    assert len(records[1]["unreadable"]) <= 2000


@pytest.mark.parametrize("packed", [False, True])
def test_array_that_breaks_off_gives_what_there_is_and_says_so(
    tmp_path: Path,
    packed: bool,
) -> None:
    titles: list[Any] = [{"title": f"Title {n}", "note": str(n) * 9} for n in range(20_000)]
    content = json.dumps(titles).encode()
    content = gzip.compress(content) if packed else content

    records = read(written(tmp_path, content[: len(content) // 2], "titles.json"))

    assert len(good(records)) > 1000
    assert len(bad(records)) == 1
    assert "breaks off" in records[-1]["error"]


def test_pages_of_an_array_go_on_at_their_cursor(tmp_path: Path) -> None:
    titles = [{"title": f"Title {number}"} for number in range(250)]
    path = written(tmp_path, json.dumps(titles, indent=1).encode(), "titles.json")

    assert read(path, cursor="200") == titles[200:]


def test_texts_may_hold_every_sign_of_the_format(tmp_path: Path) -> None:
    title = {"title": '\\"]},{[\n\\', "note": "\\" * 5}
    titles = [title, {"title": "x" * (CHUNK - 60) + '\\"\\'}, *([title] * 5_000)]

    assert read(written(tmp_path, json.dumps(titles).encode(), "titles.json")) == titles
