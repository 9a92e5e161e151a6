"""What a workflow's header says of its schedule."""

from pathlib import Path

import pytest

from emulators.hub.workflow_files import read_workflows


def test_header_with_a_schedule_is_read(tmp_path: Path) -> None:
    source = '# Schedule: 5 */6 * * *\n# argument: {"kind": "changes"}\n# What it does.\nmain:\n'
    (tmp_path / "catalog_refresh.yaml").write_text(source)

    (found,) = read_workflows(tmp_path)

    assert found.id == "catalog-refresh"
    assert found.header is not None
    assert (found.header.cron, found.header.argument) == ("5 */6 * * *", {"kind": "changes"})


def test_workflow_without_a_schedule_has_no_header(tmp_path: Path) -> None:
    (tmp_path / "repair.yaml").write_text("# Only by hand.\nmain:\n# schedule: 0 * * * *\n")

    assert read_workflows(tmp_path)[0].header is None


@pytest.mark.parametrize("line", ["schedule: hourly", "schedule: 0 * * * *\n# argument: [1]"])
def test_wrong_header_is_refused_with_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "wrong.yaml").write_text(f"# {line}\nmain:\n")

    with pytest.raises(ValueError, match=r"wrong\.yaml"):
        read_workflows(tmp_path)


def test_folder_that_is_missing_has_no_workflows(tmp_path: Path) -> None:
    assert read_workflows(tmp_path / "nothing") == []
