"""The model folder: which files it holds, what `model.json` says of them, whether they are whole.

`model.json` is written last, into a folder that is renamed into place as one, so a folder that
carries it is complete. Sizes are checked on every load; digests of the large file only when
building, since hashing it would add much to the time a function needs to start.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.errors import UnavailableError

CARD_FILE = "model.json"
GRAPH_FILE = "model.onnx"
WEIGHTS_FILE = "model.data"
TOKENIZER_FILE = "tokenizer.json"


class FileFacts(BaseModel):
    """What a file of the folder must be.

    Attributes:
        size: Bytes.
        sha256: Digest of the whole file, hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Measure a file, reading it once."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        return cls(size=path.stat().st_size, sha256=digest.hexdigest())


class ModelCard(BaseModel):
    """`model.json`: which model a folder holds and how it was made.

    Attributes:
        model_id: Name of the model, without its version.
        version: First 12 hexadecimal digits of the digest over everything that decides a vector.
        dimension: Numbers in a vector.
        max_tokens: Longer texts are cut there, the two marker tokens included.
        precision: Arithmetic of the graph: ``int8`` or ``fp32``.
        recipe: Digest of the weights and the revision of the code that built from them.
        files: Facts of every other file of the folder, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model_id: str
    version: str
    dimension: int
    max_tokens: int
    precision: str
    recipe: str
    files: dict[str, FileFacts]

    @property
    def model(self) -> str:
        """The name that is stored with every vector."""
        return f"{self.model_id}@{self.version}"


def version_of(files: Mapping[str, FileFacts], *, max_tokens: int) -> str:
    """Return the version of a model: equal bytes and equal cutting give an equal version."""
    facts = {"max_tokens": max_tokens, "files": {n: files[n].sha256 for n in sorted(files)}}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def read_card(folder: Path) -> ModelCard:
    """Return the card of a model folder.

    Raises:
        UnavailableError: There is no card, or it is not one.
    """
    path = folder / CARD_FILE
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnavailableError(f"The embedding model is missing: {path} cannot be read") from error
    except ValidationError as error:
        raise UnavailableError(f"The embedding model is damaged: {path} is not a card") from error


def check_sizes(folder: Path, card: ModelCard) -> None:
    """Refuse a folder with a missing or cut file.

    Raises:
        UnavailableError: A file is missing or its size is not the one on the card.
    """
    for name, facts in card.files.items():
        path = folder / name
        size = path.stat().st_size if path.is_file() else None
        if size != facts.size:
            raise UnavailableError(
                f"The embedding model is damaged: {path} has {size} bytes, not {facts.size}"
            )


def is_intact(folder: Path, card: ModelCard) -> bool:
    """Tell whether every file is byte for byte the one on the card; reads all of them."""
    return all(
        (folder / name).is_file() and FileFacts.of(folder / name) == facts
        for name, facts in card.files.items()
    )
