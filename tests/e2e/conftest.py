"""One local cloud with its sample, in its own process and folder, for every test here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud import ORIGIN, ROOT, Cloud, boot, halt
from tests.fakes.tokens import Authority, serving

MODEL = ROOT / ".mg" / "artifacts" / "models" / "minilm" / "model.json"
BOOT_SECONDS = 300  # the first test waits for the sample, on whatever machine this is


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the first test time for the boot of the cloud all share."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in here:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(BOOT_SECONDS))


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new state folder; skip where there is no embedding model to link into it."""
    if not MODEL.exists():
        pytest.skip("the embedding model is not built: run `make setup`")
    return tmp_path_factory.mktemp("e2e") / "a state, with spaces"


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """Sign the tokens of these tests; its key set is served as long as they run."""
    signing = Authority()
    with serving(signing):
        yield signing


@pytest.fixture(scope="session")
def cloud(state: Path, authority: Authority) -> Iterator[Cloud]:
    """Return a local cloud with the sample, stopped by its own command at the end."""
    settings = {
        "MEDIA_GATEWAY_ISSUER": authority.issuer,
        "MEDIA_GATEWAY_JWKS_URL": authority.address,
        "MEDIA_GATEWAY_ALLOWED_ORIGINS": ORIGIN,
    }
    running = boot(state, settings=settings)
    yield running
    halt(running)
