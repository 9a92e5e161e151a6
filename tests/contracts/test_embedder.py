"""What every `shared.search.ports.Embedder` does, whoever computes the vectors."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Literal

import httpx2
import numpy as np
import pytest
import pytest_asyncio

from emulators.vertex.service import endpoint
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.embeddings.vertex import VertexEmbedder, VertexModel
from tests.emulated.conftest import Laboratory
from tests.unit.embeddings.artifact import built_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.search.ports import Embedder, Vector

KINDS: tuple[Literal["query", "document"], ...] = ("query", "document")
TEXTS = [
    "Heat",
    "",
    "A burglar plans one last job and the detective who hunts him.",
    "?!",
    "宇宙を旅する料理人の物語",
    "🎬🍿 movie night",
    "harbor " * 2500,
    " \n",
]


@pytest_asyncio.fixture
async def vertex() -> AsyncIterator[Embedder]:
    """Vertex AI, emulated in this process."""
    laboratory = Laboratory()
    emulator = await laboratory(endpoint)
    model = VertexModel(f"http://{emulator.address}", "media-gateway-local", "us-central1")
    with httpx2.Client(timeout=10) as client:
        yield VertexEmbedder(model, client, None)
    await laboratory.stop()


@pytest.fixture
def onnx() -> Embedder:
    """The model of this checkout."""
    return OnnxEmbedder.load(built_model())


@pytest.fixture(params=["onnx", "vertex"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    """Each embedder in turn."""
    found: Embedder = request.getfixturevalue(request.param)
    return found


async def embed(
    embedder: Embedder, texts: Sequence[str], kind: Literal["query", "document"] = "document"
) -> Vector:
    """Embed beside the event loop, in which the emulator answers."""
    return await asyncio.to_thread(embedder.embed, texts, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_text_has_one_float32_vector_of_unit_length(
    embedder: Embedder, kind: Literal["query", "document"]
) -> None:
    vectors = await embed(embedder, TEXTS, kind)

    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


async def test_vectors_follow_the_order_of_the_texts(embedder: Embedder) -> None:
    order = random.Random(3).sample(range(len(TEXTS)), len(TEXTS))
    vectors = await embed(embedder, TEXTS)

    shuffled = await embed(embedder, [TEXTS[row] for row in order])

    assert np.abs(shuffled - vectors[order]).max() < 1e-6


async def test_company_does_not_change_a_vector(embedder: Embedder) -> None:
    together = await embed(embedder, TEXTS)

    alone = np.concatenate([await embed(embedder, [text]) for text in TEXTS])

    assert np.abs(alone - together).max() < 1e-6


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert (await embed(embedder, [])).shape == (0, embedder.dimension)


async def test_more_texts_than_one_request_carries_are_all_embedded(embedder: Embedder) -> None:
    texts = [f"film number {number}" for number in range(130)]

    vectors = await embed(embedder, texts)

    last = await embed(embedder, texts[-1:])
    assert np.abs(vectors[-1] - last[0]).max() < 1e-6
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


async def test_text_is_nearest_to_itself_with_a_slip_of_the_pen(embedder: Embedder) -> None:
    titles = ["The Lantern Keeper", "A Winter in Lisbon", "Robots of Saturn"]

    similarity = (
        await embed(embedder, ["the lantern keepers"], "query") @ (await embed(embedder, titles)).T
    )

    assert similarity.argmax() == 0


def test_model_name_carries_a_version_that_tells_spaces_apart(embedder: Embedder) -> None:
    name, _, version = embedder.model.partition("@")

    assert name
    assert version
