"""Texts as vectors inside this process, over ONNX Runtime.

A short query costs about 1 ms and a text of 128 tokens about 10 ms of one core; `make bench`
prints the figures of a machine. Both libraries are imported when a model is loaded.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from shared.adapters.embeddings.artifact import (
    GRAPH_FILE,
    TOKENIZER_FILE,
    FileFacts,
    ModelCard,
    check_sizes,
    read_card,
)
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]
BATCH: Final = 8  # measured: larger batches are slower for long texts, smaller for short ones
BATCHES: Final = {"int8": 1}  # 8-bit scales come from all texts of a run: company would show


class OnnxEmbedder:
    """`shared.search.ports.Embedder` by a model folder that `build.py` made.

    Safe to share between threads. Make it after a fork, not before one.
    """

    def __init__(self, card: ModelCard, tokenizer: "Tokenizer", session: Any) -> None:  # noqa: ANN401 - onnxruntime ships no types
        self.model = card.model
        self.dimension = card.dimension
        self._batch = BATCHES.get(card.precision, BATCH)
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """Open a model folder; takes about 0.1 s and maps the weights instead of copying them.

        Args:
            folder: What `build.py` wrote.
            threads: Threads per call. One for requests, where calls run beside each other; a job
                that has the machine to itself may take as many as there are cores.

        Raises:
            UnavailableError: The model is missing or damaged.
        """
        card = read_card(folder)
        check_sizes(folder, card)
        tokenizer = _load_tokenizer(folder, card)
        one_by_one = card.precision in BATCHES
        return cls(card, tokenizer, _open_session(folder, threads, arena=one_by_one))

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vectors:
        """Return one vector of unit length per text, in the order of the texts.

        The text without words has a vector too, the one of the two marker tokens alone. What lies
        beyond the model's limit of tokens is not seen.

        Args:
            texts: Any number, any language; the model was trained on English.
            kind: Has no influence: this model has one space for both sides.

        Returns:
            Shape ``(len(texts), dimension)``, float32.
        """
        del kind
        tokens = [self._tokenize(text) for text in texts]
        vectors = np.empty((len(tokens), self.dimension), dtype=np.float32)
        for rows in _batches([len(ids) for ids in tokens], self._batch):
            vectors[rows] = self._run([tokens[row] for row in rows])
        return vectors

    def _tokenize(self, text: str) -> list[int]:
        # One by one on purpose: `encode_batch` starts a thread pool that fights the session's.
        # Half of a surrogate pair, which JSON can carry, would be refused: it becomes "?".
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return self._tokenizer.encode(clean).ids

    def _run(self, batch: Sequence[Sequence[int]]) -> Vectors:
        """Embed token lists of similar length, padded to the longest."""
        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Cut the rows into batches of similar length, so that little is spent on padding."""
    rows = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _load_tokenizer(folder: Path, card: ModelCard) -> "Tokenizer":
    from tokenizers import Tokenizer  # noqa: PLC0415 - heavy, and only needed with a model

    path = folder / TOKENIZER_FILE
    if FileFacts.of(path) != card.files.get(TOKENIZER_FILE):
        raise UnavailableError(f"The embedding model is damaged: {path} is not the one it names")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(card.max_tokens)
    return tokenizer


def _open_session(folder: Path, threads: int, *, arena: bool = False) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """Open the graph; an arena saves a tenth of the time and keeps the largest run's memory."""
    import onnxruntime  # noqa: PLC0415 - heavy, and only needed with a model

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # every batch has its own shape: patterns would pile up
    options.enable_cpu_mem_arena = arena  # for ever: 150 MB of a batch, 10 MB of a text alone
    options.log_severity_level = 3
    path = str(folder / GRAPH_FILE)
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors have no common base but this
        raise UnavailableError(f"The embedding model is damaged: {path}: {error}") from error
