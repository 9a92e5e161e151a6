"""An ONNX graph, node by node, with its large weights in a file beside it.

Only building a model needs this: the `onnx` package is imported inside the functions, so that
nothing that serves requests depends on it.

The same calls give the same bytes: names are counted, the versions written into the file are
constants of ours, and large tensors lie in the order in which they were added.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from shared.adapters.embeddings.artifact import GRAPH_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

Attribute = int | float | Sequence[int]
OPSET: Final = 20
RUNTIME_DOMAIN: Final = "com.microsoft"  # operators that ONNX Runtime adds to the standard's
OPSETS: Final = {"": OPSET, RUNTIME_DOMAIN: 1}
IR_VERSION: Final = (
    9  # the first that may carry opset 20; a higher one would only shut out runtimes
)
INLINE_BYTES: Final = 16_384  # smaller tensors stay in the graph: a page each would waste more
ALIGNMENT: Final = 65_536  # mapping needs offsets at a page's start; Windows counts in 64 KiB


class GraphBuilder:
    """Collects nodes and weights, then writes `model.onnx` and `model.data`."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._inline: list[TensorProto] = []
        self._external: list[tuple[str, npt.NDArray[Any]]] = []
        self._names = 0

    def constant(self, value: npt.ArrayLike, name: str = "constant") -> str:
        """Add a weight and return its name."""
        from onnx import numpy_helper  # noqa: PLC0415 - building only, see the module's docstring

        array = np.ascontiguousarray(value)
        unique = self._unique(name)
        if array.nbytes > INLINE_BYTES:
            self._external.append((unique, array))
        else:
            # `ascontiguousarray` makes a scalar one-dimensional; scales must stay scalars.
            self._inline.append(numpy_helper.from_array(array.reshape(np.shape(value)), unique))
        return unique

    def node(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operator with one output and return the output's name."""
        name = self._unique(operator)
        self.add(operator, inputs, [name], **attributes)
        return name

    def add(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Attribute
    ) -> None:
        """Add an operator whose outputs carry given names; a domain stands before its name."""
        from onnx import helper  # noqa: PLC0415 - building only

        domain, _, kind = operator.rpartition(".")
        node = helper.make_node(kind, inputs, outputs, outputs[0], domain=domain)
        node.attribute.extend(helper.make_attribute(k, attributes[k]) for k in sorted(attributes))
        self._nodes.append(node)

    def write(
        self, folder: Path, *, inputs: list["ValueInfoProto"], outputs: list["ValueInfoProto"]
    ) -> None:
        """Write graph and weights into an existing folder."""
        from onnx import checker, helper  # noqa: PLC0415 - building only

        tensors = [*self._inline, *self._write_weights(folder / WEIGHTS_FILE)]
        graph = helper.make_graph(self._nodes, "embedder", inputs, outputs, tensors)
        used = {node.domain for node in self._nodes}
        opsets = [helper.make_opsetid(d, OPSETS[d]) for d in sorted(used)]
        model = _stamped(helper.make_model(graph, opset_imports=opsets))
        (folder / GRAPH_FILE).write_bytes(model.SerializeToString(deterministic=True))
        checker.check_model(str(folder / GRAPH_FILE))

    def _write_weights(self, path: Path) -> list["TensorProto"]:
        written = []
        with path.open("wb") as stream:
            for name, array in self._external:
                stream.write(bytes(-stream.tell() % ALIGNMENT))
                written.append(_external_tensor(name, array, offset=stream.tell()))
                stream.write(array.tobytes())
        return written

    def _unique(self, name: str) -> str:
        self._names += 1
        return f"{name}_{self._names}"


def _stamped(model: "ModelProto") -> "ModelProto":
    """Take the versions of the installed package out of the file."""
    model.ir_version = IR_VERSION
    model.producer_name = "media-gateway"
    model.producer_version = ""
    return model


def _external_tensor(name: str, array: npt.NDArray[Any], *, offset: int) -> "TensorProto":
    from onnx import TensorProto, helper  # noqa: PLC0415 - building only

    tensor = TensorProto(name=name, dims=array.shape)
    tensor.data_type = helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor.data_location = TensorProto.EXTERNAL
    facts = {"location": WEIGHTS_FILE, "offset": str(offset), "length": str(array.nbytes)}
    for key, value in facts.items():
        tensor.external_data.add(key=key, value=value)
    return tensor
