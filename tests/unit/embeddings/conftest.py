"""The model of this checkout, opened once."""

from pathlib import Path

import pytest

from shared.adapters.embeddings.onnx import OnnxEmbedder
from tests.unit.embeddings.artifact import built_model


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The built model; the test is skipped where it cannot be built."""
    return built_model()


@pytest.fixture(scope="session")
def embedder(model_folder: Path) -> OnnxEmbedder:
    """An embedder over the built model."""
    return OnnxEmbedder.load(model_folder)
