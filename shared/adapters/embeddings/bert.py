"""all-MiniLM-L6-v2 as a plain ONNX graph in float32: BERT encoder, masked mean, unit length.

Symbols (Devlin et al. 2019; Vaswani et al. 2017): b texts, t tokens of the longest, h = 384
hidden, a = 12 heads of d = h/a = 32, f = 1536 inner.

Inputs ``input_ids`` and ``attention_mask``, int64 ``(b, t)``; output ``embedding``, float32
``(b, h)``. Three things are folded into weights when building: the segment vector (every text is
segment 0) into the positions, 1/√d into the queries, and the mean's division, which the unit
length cancels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.adapters.embeddings.graph import GraphBuilder

Matrix = npt.NDArray[np.float32]
Weights = Mapping[str, Matrix]
MASKED: Final = -1e9  # exp(-1e9) is 0 in float32, and no score comes near it


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder, from the model's own `config.json`."""

    layers: int
    heads: int
    hidden: int
    epsilon: float

    @property
    def head(self) -> int:
        """Numbers per head, d."""
        return self.hidden // self.heads


class Encoder:
    """Adds the encoder's nodes to a graph."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self.graph = GraphBuilder()
        self._weights = weights
        self._shape = shape

    def write(self, folder: Path) -> None:
        """Build the whole graph and write it into an existing folder."""
        from onnx import TensorProto, helper  # noqa: PLC0415 - building only

        pooled = self._pool(self._encode())
        self.graph.add("LpNormalization", [pooled], ["embedding"], axis=-1, p=2)
        ids, mask = (
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        )
        result = helper.make_tensor_value_info(
            "embedding", TensorProto.FLOAT, ["texts", self._shape.hidden]
        )
        self.graph.write(folder, inputs=[ids, mask], outputs=[result])

    def _encode(self) -> str:
        """Embed the tokens and send them through all layers: float32 ``(b, t, h)``."""
        hidden = self._embed()
        bias = self._mask_bias()
        for layer in range(self._shape.layers):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        return hidden

    def _embed(self) -> str:
        """Word, position and segment vectors, summed and normalised."""
        graph, weights = self.graph, self._weights
        table = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        tokens = graph.node("Shape", "input_ids", start=1, end=2)
        start, axis = graph.constant(np.array([0])), graph.constant(np.array([0]))
        positions = graph.node("Slice", graph.constant(table, "positions"), start, tokens, axis)
        summed = graph.node("Add", self._words(), positions)
        return self._normalize(summed, "embeddings.LayerNorm")

    def _words(self) -> str:
        """The vectors of the words alone."""
        table = self._weights["embeddings.word_embeddings.weight"]
        return self.graph.node("Gather", self.graph.constant(table, "words"), "input_ids")

    def _mask_bias(self) -> str:
        """What is added to the scores: 0 for a token, `MASKED` for padding; ``(b, 1, 1, t)``."""
        graph = self.graph
        mask = graph.node("Cast", "attention_mask", to=1)
        padding = graph.node("Sub", graph.constant(np.float32(1)), mask)
        bias = graph.node("Mul", padding, graph.constant(np.float32(MASKED)))
        return graph.node("Unsqueeze", bias, graph.constant(np.array([1, 2])))

    def _layer(self, x: str, bias: str, name: str) -> str:
        """Attention and the two dense layers, each with its residual and norm after it."""
        graph = self.graph
        attended = self._dense(self._attend(x, bias, name), f"{name}.attention.output.dense")
        x = self._normalize(graph.node("Add", attended, x), f"{name}.attention.output.LayerNorm")
        inner = graph.node("Gelu", self._dense(x, f"{name}.intermediate.dense"))
        outer = self._dense(inner, f"{name}.output.dense")
        return self._normalize(graph.node("Add", outer, x), f"{name}.output.LayerNorm")

    def _attend(self, x: str, bias: str, name: str) -> str:
        """softmax(QKᵀ/√d + mask)·V over all heads (Vaswani et al. 2017, eq. 1)."""
        graph, shape = self.graph, self._shape
        query, key, value = self._project(x, f"{name}.attention.self")
        query = self._heads(query, (0, 2, 1, 3))
        key = self._heads(key, (0, 2, 3, 1))
        value = self._heads(value, (0, 2, 1, 3))
        scores = graph.node("Add", graph.node("MatMul", query, key), bias)
        mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
        joined = graph.node("Transpose", mixed, perm=(0, 2, 1, 3))
        return graph.node("Reshape", joined, graph.constant(np.array([0, 0, shape.hidden])))

    def _project(self, x: str, part: str) -> list[str]:
        """Queries over √d, keys and values of all heads, by one product."""
        names = [f"{part}.{role}" for role in ("query", "key", "value")]
        scales = np.array([self._shape.head**-0.5, 1, 1], dtype=np.float32)
        weights = [self._weights[f"{name}.weight"].T for name in names]
        biases = [self._weights[f"{name}.bias"] for name in names]
        weight = np.concatenate([w * scale for w, scale in zip(weights, scales, strict=True)], 1)
        bias = np.concatenate([b * scale for b, scale in zip(biases, scales, strict=True)])
        joined = self._linear(x, part, weight, bias)
        self.graph.add("Split", [joined], names, axis=-1, num_outputs=len(names))
        return names

    def _heads(self, x: str, order: tuple[int, ...]) -> str:
        """Split ``(b, t, h)`` into heads, axes in the given order of (b, t, a, d)."""
        sizes = self.graph.constant(np.array([0, 0, self._shape.heads, self._shape.head]))
        return self.graph.node("Transpose", self.graph.node("Reshape", x, sizes), perm=order)

    def _dense(self, x: str, name: str) -> str:
        """The dense layer of that name."""
        weight, bias = self._weights[f"{name}.weight"].T, self._weights[f"{name}.bias"]
        return self._linear(x, name, weight, bias)

    def _linear(self, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
        """x·W + b, with W of shape (inputs, outputs)."""
        graph = self.graph
        product = graph.node("MatMul", x, graph.constant(weight, name))
        return graph.node("Add", product, graph.constant(bias, name))

    def _normalize(self, x: str, name: str) -> str:
        """The layer norm of that name."""
        gain = self.graph.constant(self._weights[f"{name}.weight"], name)
        shift = self.graph.constant(self._weights[f"{name}.bias"], name)
        return self.graph.node(
            "LayerNormalization", x, gain, shift, axis=-1, epsilon=self._shape.epsilon
        )

    def _pool(self, hidden: str) -> str:
        """Sum over the tokens that are not padding, ``(b, h)``: the mean but for its length."""
        mask = self.graph.node("Cast", "attention_mask", to=1)
        row = self.graph.node("Unsqueeze", mask, self.graph.constant(np.array([1])))
        summed = self.graph.node("MatMul", row, hidden)
        return self.graph.node("Squeeze", summed, self.graph.constant(np.array([1])))
