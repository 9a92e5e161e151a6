"""Mappings that users write."""

from pathlib import Path

import pytest

from shared.adapters.providers.mapping_file import read_mapping
from shared.kernel.errors import InvalidInputError, NotFoundError


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("own.json", '{"columns": {"title": "Name"}}'),
        ("own.yaml", "columns:\n  title: Name\n"),
    ],
)
def test_mapping_is_read_from_json_and_yaml(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)

    assert read_mapping(tmp_path / name) == {"columns": {"title": "Name"}}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("own.json", "{", "is no JSON"),
        ("own.yaml", "a: [", "is no YAML"),
        ("own.yaml", "!!python/object/apply:os.system ['id']", "is no YAML"),
        ("own.json", "[]", "is no object"),
        ("own.json", "{}", "cannot be used"),
        ("own.json", "{" + " " * (1 << 20) + "}", "is larger"),
    ],
)
def test_file_that_is_no_mapping_is_refused(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(InvalidInputError, match=told):
        read_mapping(tmp_path / name)


def test_missing_mapping_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"own\.json"):
        read_mapping(tmp_path / "own.json")
