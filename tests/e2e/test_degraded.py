"""Where a source is gone, search answers without it and says so."""

from collections.abc import Iterator

import pytest

from tests.e2e.cloud import Cloud, within

RECOVERY_SECONDS = 15


@pytest.fixture
def cloud_without_faults(cloud: Cloud) -> Iterator[Cloud]:
    """Lift every fault again, whatever the test does."""
    yield cloud
    assert cloud.mg("faults", "clear").code == 0


def test_search_answers_by_words_while_the_vector_index_is_gone(
    cloud_without_faults: Cloud,
) -> None:
    cloud = cloud_without_faults
    within(
        RECOVERY_SECONDS,
        lambda: cloud.search(q="a ship between stars")["degraded"] == [],
        "search with every source, on a machine that may be busy",
    )

    assert cloud.mg("faults", "add", "error", "--service", "vertex").code == 0

    answer = cloud.search(q="a detective in the city")
    assert answer["degraded"] == ["vector"]
    assert answer["results"]

    assert cloud.mg("faults", "clear").code == 0
    within(
        RECOVERY_SECONDS,
        lambda: cloud.search(q="a sailor far from home")["degraded"] == [],
        "search with every source",
    )


def test_slow_vector_index_does_not_hold_the_answer_up(cloud_without_faults: Cloud) -> None:
    cloud = cloud_without_faults
    delay = ("faults", "add", "delay", "--service", "vertex", "--seconds", "20")
    assert cloud.mg(*delay).code == 0

    answer = cloud.search(q="a robot that dreams")

    assert answer["degraded"] == ["vector"]
    assert answer["results"]
