"""The pipeline's own journey, through the door of a real local gateway."""

from terraform.pipeline.smoke import main
from tests.e2e.cloud import Cloud


def test_pipelines_walk_passes_where_viewers_do(cloud: Cloud) -> None:
    door = f"http://{cloud.address('gateway')}"

    assert main([door, "--tries", "1"]) == 0
