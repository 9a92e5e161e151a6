"""Vectors of our graph: equal to the original's, whatever they are computed together with."""

import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from shared.adapters.embeddings.artifact import CARD_FILE, GRAPH_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from shared.adapters.embeddings.onnx import OnnxEmbedder, _batches
from shared.kernel.errors import UnavailableError

HERE = Path(__file__).parent
TEXTS: list[str] = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))["texts"]
FILES = (GRAPH_FILE, WEIGHTS_FILE, TOKENIZER_FILE)


@pytest.fixture(scope="module")
def vectors(embedder: OnnxEmbedder) -> npt.NDArray[np.float32]:
    """All reference texts, embedded in one call."""
    return embedder.embed(TEXTS, "document")


def copy_of(folder: Path, target: Path) -> Path:
    """A copy to damage. The weights are a hole of their size, no test here reads them."""
    target.mkdir()
    for name in (CARD_FILE, GRAPH_FILE, TOKENIZER_FILE):
        shutil.copy(folder / name, target / name)
    (target / WEIGHTS_FILE).touch()
    os.truncate(target / WEIGHTS_FILE, (folder / WEIGHTS_FILE).stat().st_size)
    return target


def test_every_text_has_the_vector_of_the_original_implementation_in_float32(
    exact: OnnxEmbedder,
) -> None:
    vectors = exact.embed(TEXTS, "document")
    with np.load(HERE / "reference.npz") as archive:
        reference = archive["vectors"]

    cosines = np.sum(vectors * reference, axis=1)

    assert reference.shape == (60, 384)
    assert {TEXTS[row]: cosine for row, cosine in enumerate(cosines) if cosine < 0.9999} == {}
    assert float(np.abs(vectors - reference).max()) < 1e-5


def test_vectors_are_float32_of_unit_length_and_of_the_named_dimension(
    embedder: OnnxEmbedder, vectors: npt.NDArray[np.float32]
) -> None:
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_text_alone_has_the_vector_it_has_in_a_batch(
    embedder: OnnxEmbedder, vectors: npt.NDArray[np.float32]
) -> None:
    alone = np.concatenate([embedder.embed([text], "document") for text in TEXTS])

    assert np.array_equal(alone, vectors)


def test_float32_text_alone_has_nearly_the_vector_it_has_in_a_batch(exact: OnnxEmbedder) -> None:
    together = exact.embed(TEXTS, "document")

    alone = np.concatenate([exact.embed([text], "document") for text in TEXTS])

    assert np.abs(alone - together).max() < 1e-6


def test_vectors_come_in_the_order_of_the_texts(
    embedder: OnnxEmbedder, vectors: npt.NDArray[np.float32]
) -> None:
    order = random.Random(7).sample(range(len(TEXTS)), len(TEXTS))

    shuffled = embedder.embed([TEXTS[row] for row in order], "document")

    assert np.abs(shuffled - vectors[order]).max() < 1e-6


def test_nothing_to_embed_gives_no_vectors(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([], "query").shape == (0, 384)


def test_blank_texts_share_one_vector(embedder: OnnxEmbedder) -> None:
    empty, spaces, control = embedder.embed(["", "  \n\t ", "\u0000"], "query")

    assert np.array_equal(empty, spaces)
    assert np.array_equal(empty, control)
    assert np.linalg.norm(empty) == pytest.approx(1, abs=1e-5)


def test_half_a_surrogate_pair_is_read_as_a_question_mark(embedder: OnnxEmbedder) -> None:
    broken, mended = embedder.embed(["robots \ud83d in space", "robots ? in space"], "query")

    assert np.array_equal(broken, mended)


def test_words_beyond_the_limit_of_tokens_are_not_seen(embedder: OnnxEmbedder) -> None:
    at_limit, beyond, below = embedder.embed(
        ["harbor " * 254, "harbor " * 254 + "spaceship", "harbor " * 253 + "spaceship"], "document"
    )

    assert np.array_equal(at_limit, beyond)
    assert not np.array_equal(at_limit, below)


def test_queries_and_documents_share_one_space(embedder: OnnxEmbedder) -> None:
    text = ["a heist in space"]

    assert np.array_equal(embedder.embed(text, "query"), embedder.embed(text, "document"))


def test_meaning_decides_nearness(embedder: OnnxEmbedder) -> None:
    titles = [
        "A burglar plans one last job and the detective who hunts him.",
        "Three generations of women run a bakery in Lisbon.",
        "A botanist grows the only tree on a station above Saturn.",
    ]
    wanted = ["police chase a master thief", "family story about bread", "gardening in outer space"]

    similarity = embedder.embed(wanted, "query") @ embedder.embed(titles, "document").T

    assert similarity.argmax(axis=1).tolist() == [0, 1, 2]


def test_threads_that_share_an_embedder_get_their_own_vectors(
    embedder: OnnxEmbedder, vectors: npt.NDArray[np.float32]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: embedder.embed([text], "query")[0], TEXTS[:40]))

    assert np.abs(np.stack(found) - vectors[:40]).max() < 1e-6


def test_batches_hold_rows_of_similar_length_each_once() -> None:
    lengths = random.Random(3).sample(range(2, 257), 30)

    batches = list(_batches(lengths, size=8))

    assert sorted(row for batch in batches for row in batch) == list(range(30))
    assert [len(batch) for batch in batches] == [8, 8, 8, 6]
    longest = [max(lengths[row] for row in batch) for batch in batches]
    assert longest == sorted(longest)


def test_model_is_named_with_its_version(embedder: OnnxEmbedder) -> None:
    name, version = embedder.model.split("@")

    assert name == "all-MiniLM-L6-v2-int8"
    assert len(version) == 12
    assert set(version) <= set("0123456789abcdef")


def test_missing_model_is_unavailable_and_the_message_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"nowhere.model\.json cannot be read"):
        OnnxEmbedder.load(tmp_path / "nowhere")


def test_card_that_is_none_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / CARD_FILE).write_text('{"model_id": 5}')

    with pytest.raises(UnavailableError, match="is not a card"):
        OnnxEmbedder.load(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_missing_or_cut_file_is_unavailable(name: str, model_folder: Path, tmp_path: Path) -> None:
    folder = copy_of(model_folder, tmp_path / "model")

    os.truncate(folder / name, (folder / name).stat().st_size - 1)
    with pytest.raises(UnavailableError, match=name):
        OnnxEmbedder.load(folder)

    (folder / name).unlink()
    with pytest.raises(UnavailableError, match=name):
        OnnxEmbedder.load(folder)


@pytest.mark.parametrize("name", [GRAPH_FILE, TOKENIZER_FILE])
def test_file_with_other_bytes_is_unavailable(
    name: str, model_folder: Path, tmp_path: Path
) -> None:
    folder = copy_of(model_folder, tmp_path / "model")
    (folder / name).write_bytes(b"\xff" * (model_folder / name).stat().st_size)

    with pytest.raises(UnavailableError, match=name):
        OnnxEmbedder.load(folder)
