"""A step's process dies at a random moment of an ingestion: the end is that of an undisturbed one.

Parts of a catalog that differ in nothing but words and ids are taken in one after another; one in
peace, each other one through the death of a process. Then titles, listings, ids, offers, questions,
pages, errors, events and points of the vector index are compared, line by line.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.aftermath import Aftermath, Told, differences, engine_of
from tests.e2e.cloud import Cloud
from tests.e2e.killing import Kill, Stage, kills
from tests.e2e.parts import Part

FEW, MANY = kills(10, seed=20), kills(200, seed=21, first=1_001)
AT_ONCE = 10


@pytest.fixture(scope="module")
def stage(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return the cloud of all tests here, with connections of its own."""
    engine = engine_of(cloud)
    yield Stage(cloud, Aftermath(cloud, engine), tmp_path_factory.mktemp("parts"))
    engine.dispose()


def run_all(stage: Stage, planned: list[Kill]) -> None:
    """Take every part in through its kill; later, too, none is other than the undisturbed one."""
    undisturbed = Part(planned[0].part.number - 1)
    stage.first_editions([undisturbed])
    expected = stage.undisturbed(undisturbed)
    assert_rich(expected)

    for some in batched(planned, AT_ONCE):
        stage.first_editions([kill.part for kill in some])
        for kill in some:
            stage.disturbed(kill, expected)

    for kill in planned:
        assert differences(stage.told(kill.part), expected) == [], kill


def batched(planned: list[Kill], size: int) -> Iterator[list[Kill]]:
    """Yield kills in lists, in their order."""
    return (planned[start : start + size] for start in range(0, len(planned), size))


def assert_rich(told: Told) -> None:
    """Check that there is something to lose or to double, of everything that is compared."""
    assert all(told.values()), {name: len(lines) for name, lines in told.items()}


@pytest.mark.timeout(900)
def test_ten_kills_of_random_steps_end_as_an_undisturbed_run(stage: Stage) -> None:
    run_all(stage, FEW)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_two_hundred_kills_of_random_steps_end_as_an_undisturbed_run(stage: Stage) -> None:
    run_all(stage, MANY)
