"""The same encoder with products of 8-bit numbers: a quarter of the size, twice as fast or more.

Weights are signed, one scale per output; activations unsigned, one scale per run, taken from the
values that pass (ONNX Runtime's ``DynamicQuantizeMatMul``). Three measures keep the loss small:

- *Smoothing* (Xiao et al. 2023, SmoothQuant, eq. 3): an input channel is multiplied by m and its
  weights by 1/m, so that channels with large values leave the others more of the 256 levels.
- *Hot channels* (Dettmers et al. 2022, LLM.int8(), section 3.2): those with the largest values of
  all are multiplied in float32, beside the 8-bit product.
- *Room*: without VNNI, x86 multiplies 8-bit numbers by an instruction that adds two neighboring
  products in 16 bits and cuts the sum (Intel SDM, volume 2, PMADDUBSW). Scales are chosen so that
  no sum is cut; every processor then reaches the same integers.

`smoothing.npz` holds m, 0 for a hot channel; `tests/unit/embeddings/make_smoothing.py` measured
it. Powers are computed there: building only multiplies, adds, divides and rounds, which IEEE 754
fixes, so that the files are the same bytes everywhere.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.adapters.embeddings.bert import Encoder, Matrix, Shape, Weights
from shared.adapters.embeddings.graph import RUNTIME_DOMAIN

Levels = npt.NDArray[np.int8]
SMOOTHING_FILE: Final = Path(__file__).with_name("smoothing.npz")
LARGEST: Final = np.float32(127)
SMALLEST_SCALE: Final = np.finfo(np.float32).tiny  # a column of zeros is still divided by it


def read_smoothing() -> dict[str, Matrix]:
    """Return the multiplier of every input channel, by layer; 0 marks a hot channel."""
    with np.load(SMOOTHING_FILE) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


def quantize_columns(weight: Matrix) -> tuple[Levels, Matrix]:
    """Return the 8-bit levels of a matrix and the scale of each column.

    Rows 2i and 2i + 1 meet in one 16-bit sum of two products with unsigned 8-bit numbers. Levels of
    one sign in such a pair add up to at most 128, and 128 · 255 is below 2¹⁵: no sum is cut.

    Args:
        weight: Shape ``(inputs, outputs)``, an even number of inputs.

    Returns:
        Levels of the same shape and scales of shape ``(outputs,)``: level · scale is the weight,
        to half a scale.
    """
    pairs = weight.reshape(-1, 2, weight.shape[1])
    sums = np.maximum(np.maximum(pairs, 0).sum(axis=1), np.maximum(-pairs, 0).sum(axis=1))
    scales = np.maximum(sums.max(axis=0) / LARGEST, SMALLEST_SCALE)
    return np.rint(weight / scales).astype(np.int8), scales


def quantize_rows(table: Matrix) -> tuple[Levels, Matrix]:
    """Return the 8-bit levels of a table and the scale of each row, shape ``(rows, 1)``."""
    largest = np.abs(table).max(axis=1, keepdims=True)
    scales = np.maximum(largest / LARGEST, SMALLEST_SCALE)
    return np.rint(table / scales).astype(np.int8), scales


class QuantizedEncoder(Encoder):
    """Adds the encoder's nodes to a graph, with 8-bit products and an 8-bit word table.

    Scores and their mixing stay in float32: both sides are activations, and small.
    """

    def __init__(self, weights: Weights, shape: Shape, smoothing: Mapping[str, Matrix]) -> None:
        super().__init__(weights, shape)
        self._smoothing = smoothing

    def _words(self) -> str:
        """Levels of the words, each row times its scale."""
        graph = self.graph
        levels, scales = quantize_rows(self._weights["embeddings.word_embeddings.weight"])
        rows = graph.node("Gather", graph.constant(levels, "words"), "input_ids")
        factors = graph.node("Gather", graph.constant(scales, "words"), "input_ids")
        return graph.node("Mul", graph.node("Cast", rows, to=1), factors)

    def _linear(self, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
        """x·W + b: smoothed and in 8 bits, but for the hot channels."""
        multiplier = self._smoothing.get(name)
        if multiplier is None:
            return self._product(x, name, weight, bias)
        graph, hot = self.graph, np.flatnonzero(multiplier == 0)
        smooth = graph.node("Mul", x, graph.constant(multiplier, name))
        divisors = multiplier.copy()
        divisors[hot] = np.inf
        product = self._product(smooth, name, weight / divisors[:, None], bias)
        if not hot.size:
            return product
        loud = graph.node("Gather", x, graph.constant(hot, name), axis=-1)
        exact = graph.node("MatMul", loud, graph.constant(weight[hot], name))
        return graph.node("Add", product, exact)

    def _product(self, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
        graph = self.graph
        levels, scales = quantize_columns(weight)
        return graph.node(
            f"{RUNTIME_DOMAIN}.DynamicQuantizeMatMul",
            x,
            graph.constant(levels, name),
            graph.constant(scales, name),
            graph.constant(np.int8(0), name),
            graph.constant(bias, name),
        )
