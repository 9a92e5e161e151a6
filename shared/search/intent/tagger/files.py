"""A tagger as a file: arrays and names in one archive, nothing that could be run."""

from collections import Counter
from pathlib import Path

import numpy as np
import orjson

from shared.kernel.errors import InvalidInputError
from shared.search.intent.tagger.memory import Counts, Memory
from shared.search.intent.tagger.model import Tagger

FORMAT = 1
SUFFIX = ".npz"


def write_tagger(path: Path, tagger: Tagger) -> None:
    """Write a tagger; an earlier file of the name is replaced at once or not at all."""
    names = {
        "format": FORMAT,
        "labels": tagger.labels,
        "features": list(tagger.index),
        "words": tagger.memory.words,
        "phrases": tagger.memory.phrases,
    }
    draft = path.with_name(f".{path.name}{SUFFIX}")
    np.savez_compressed(
        draft,
        weights=tagger.weights.astype(np.float16),
        transitions=tagger.transitions,
        names=np.frombuffer(orjson.dumps(names), np.uint8),
    )
    draft.replace(path)


def read_tagger(path: Path) -> Tagger:
    """Return the tagger of a file; its weights are kept with 11 bits of precision.

    Raises:
        InvalidInputError: It cannot be read, or is of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = orjson.loads(archive["names"].tobytes())
            weights = archive["weights"].astype(np.float32)
            transitions = archive["transitions"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInputError(f"{path} is no tagger: {error}") from None
    if names.get("format") != FORMAT or weights.shape[0] != len(names["features"]):
        raise InvalidInputError(f"{path} is a tagger of another format")
    index = {name: row for row, name in enumerate(names["features"])}
    memory = Memory(_counts(names["words"]), _counts(names["phrases"]))
    return Tagger(tuple(names["labels"]), index, weights, transitions, memory)


def _counts(given: dict[str, dict[str, int]]) -> Counts:
    return {key: Counter(counts) for key, counts in given.items()}
