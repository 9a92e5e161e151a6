"""Vectors that were computed once, kept in a file by the text and the model they come from."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from shared.search.ports import Embedder, Vector


class RememberedVectors:
    """`shared.search.ports.Embedder` that asks another one only for texts it never saw.

    A vector follows from its text and its model alone, so that none of those kept goes stale. The
    file is replaced in one step by `keep`.

    Args:
        embedder: Makes the vectors that are missing.
        folder: Keeps one file a model; made when missing.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._path = folder / f"{_digest(embedder.model).hex()}.npz"
        self._known: dict[bytes, Vector] = dict(_read(self._path))
        self.model = embedder.model
        self.dimension = embedder.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vector:
        """Return one row per text, float32, shape ``(len(texts), dimension)``, in their order."""
        keys = [_digest(f"{kind}\0{text}") for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._known
        }
        if missing:
            self._known.update(
                zip(missing, self._embedder.embed(list(missing.values()), kind), strict=True)
            )
        return np.stack([self._known[key] for key in keys])

    def keep(self) -> None:
        """Write down what is known now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new.npz")
        keys = np.array([np.frombuffer(key, np.uint8) for key in self._known])
        np.savez(fresh, keys=keys, vectors=np.array(list(self._known.values()), np.float32))
        fresh.replace(self._path)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _read(path: Path) -> Iterator[tuple[bytes, Vector]]:
    if path.is_file():
        with np.load(path) as kept:
            keys, vectors = kept["keys"], kept["vectors"]
        yield from zip(map(bytes, keys), vectors, strict=True)
