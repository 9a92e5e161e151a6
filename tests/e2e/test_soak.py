"""The full figures: fifty boots, ten ingestions through a kill; `make soak`, see docs/soak.md."""

from pathlib import Path

import pytest

from emulators.managed.process import is_alive
from tests.e2e.cloud import Cloud, boot, halt, ingest_through_a_kill, within, write_catalog

BOOTS = 50
KILL_RUNS = 10
pytestmark = pytest.mark.soak


@pytest.mark.timeout(3600)
def test_fifty_boots_over_what_was_kept_are_ready_and_end_whole(
    state: Path, tmp_path: Path
) -> None:
    del state  # only asks whether there is a model
    for number in range(BOOTS):
        cloud = boot(tmp_path / "boots", "--no-sample")
        record = cloud.record()
        assert cloud.search(q="heist")["results"] == [], f"boot {number}"

        halt(cloud)

        assert not any(is_alive(pid) for pid in record["children"].values()), f"boot {number}"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(KILL_RUNS))
def test_ingestion_through_a_kill_loses_nothing(cloud: Cloud, tmp_path: Path, number: int) -> None:
    file = tmp_path / f"lanterns-{number}.csv"
    write_catalog(file, 1000, start=10_000 + 1000 * number)

    report = ingest_through_a_kill(cloud, file).report

    assert report["read"] == 1000
    assert report["stored"] + report["set_aside"] == 1000
    within(15, lambda: cloud.finds("lanterns"), "search")
