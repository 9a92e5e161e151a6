"""The models of this checkout, each opened once."""

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


@pytest.fixture(scope="session")
def exact() -> OnnxEmbedder:
    """An embedder over the float32 graph, which the product's is measured against."""
    return OnnxEmbedder.load(built_model("fp32"))
