"""The tagger: its mathematics against slow and obvious references, and what it learns."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared.kernel.errors import InvalidInputError
from shared.search.intent.tagger.files import read_tagger, write_tagger
from shared.search.intent.tagger.memory import remember
from shared.search.intent.tagger.model import Floats, Tagger, best_path
from shared.search.intent.tagger.spans import Slot, slots_of
from shared.search.intent.training.batches import Batch, batches_of
from shared.search.intent.training.gradient import gradient
from shared.search.intent.training.learn import Schedule, learn
from tests.unit.search.intent.questions import made

LABELS = 3
FEW = Schedule(rounds=4, left_out=0.1)
SCORES = st.floats(-3, 3, width=32)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return learn(made(150), FEW)


def path_score(path: tuple[int, ...], emissions: Floats, transitions: Floats) -> float:
    steps = zip((LABELS, *path), path, strict=False)
    return float(sum(emissions[range(len(path)), path]) + sum(transitions[a, b] for a, b in steps))


def test_labels_spell_slots() -> None:
    labels = ["B-ACTOR", "I-ACTOR", "B-ACTOR", "O", "I-TITLE", "I-TITLE", "I-YEAR"]

    assert slots_of(labels) == [
        Slot(0, 2, "ACTOR"), Slot(2, 3, "ACTOR"), Slot(4, 6, "TITLE"), Slot(6, 7, "YEAR"),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, (4, LABELS), elements=SCORES),
    arrays(np.float32, (4, LABELS), elements=SCORES),
)
def test_the_best_path_is_as_good_as_the_best_of_all_paths(
    emissions: Floats, transitions: Floats
) -> None:
    paths = product(range(LABELS), repeat=4)
    best = max(path_score(path, emissions, transitions) for path in paths)

    found = tuple(best_path(emissions, transitions))

    assert path_score(found, emissions, transitions) == pytest.approx(best, abs=1e-4)


def one_batch() -> Batch:
    rows = [[[0], [1], [0]], [[1]]]
    [batch] = batches_of(
        rows, [[0, 2, 1], [1]], label_count=LABELS, size=2, generator=np.random.default_rng(1)
    )
    return batch


def test_the_loss_is_what_summing_over_all_paths_gives() -> None:
    generator = np.random.default_rng(2)
    emissions = generator.normal(size=(2, 3, LABELS)).astype(np.float32)
    transitions = generator.normal(size=(LABELS + 1, LABELS)).astype(np.float32)

    found = gradient(one_batch(), emissions, transitions, np.ones_like(transitions))

    loss = 0.0
    for sentence, labels in enumerate(((1,), (0, 2, 1))):
        scores = emissions[sentence]
        paths = product(range(LABELS), repeat=len(labels))
        total = sum(np.exp(path_score(path, scores, transitions)) for path in paths)
        loss += np.log(total) - path_score(labels, scores, transitions)
    assert found.loss == pytest.approx(loss, abs=1e-4)


def test_the_gradient_is_what_small_changes_of_the_scores_do_to_the_loss() -> None:
    generator = np.random.default_rng(3)
    emissions = generator.normal(size=(2, 3, LABELS)).astype(np.float32)
    transitions = generator.normal(size=(LABELS + 1, LABELS)).astype(np.float32)
    batch, allowed, small = one_batch(), np.ones((LABELS + 1, LABELS), np.float32), 1e-2

    def loss(at: tuple[int, ...], step: float, *, of_steps: bool) -> float:
        scores, steps = emissions.copy(), transitions.copy()
        (steps if of_steps else scores)[at] += step
        return gradient(batch, scores, steps, allowed).loss

    found = gradient(batch, emissions, transitions, allowed)
    for at in ((1, 1, 2), (1, 2, 0), (0, 0, 1), (0, 2, 1)):
        slope = (loss(at, small, of_steps=False) - loss(at, -small, of_steps=False)) / (2 * small)
        assert found.emissions[at] == pytest.approx(slope, abs=2e-3)
    for place in ((0, 1), (2, 2), (LABELS, 0)):
        slope = (loss(place, small, of_steps=True) - loss(place, -small, of_steps=True)) / (
            2 * small
        )
        assert found.transitions[place] == pytest.approx(slope, abs=2e-3)


def test_questions_like_those_learned_are_tagged(tagger: Tagger) -> None:
    asked = made(60, seed=9)

    right = sum(tuple(tagger.tag(words)) == labels for words, labels in asked)

    assert right >= 57


def test_a_name_never_seen_is_known_by_the_words_around_it(tagger: Tagger) -> None:
    asked = "which western films star setsuko hara and al pacino"

    slots = slots_of(tagger.tag(asked.split(" ")))

    assert slots == [Slot(1, 2, "GENRE"), Slot(4, 6, "ACTOR"), Slot(7, 9, "ACTOR")]


def test_the_same_questions_and_seed_give_the_same_weights(tagger: Tagger) -> None:
    again = learn(made(150), FEW)

    assert again.index == tagger.index
    assert np.array_equal(again.weights, tagger.weights)


def test_a_question_being_learned_does_not_find_its_own_answer() -> None:
    heat = (("when", "did", "ronin", "run"), ("O", "O", "B-TITLE", "O"))
    memory = remember([heat])

    own = memory.evidence(heat[0], remember([heat]))

    assert "gB=TITLE1" in memory.evidence(heat[0])[2]
    assert own == remember([]).evidence(heat[0])


def test_a_tagger_survives_being_written(tagger: Tagger, tmp_path: Path) -> None:
    path = tmp_path / "tagger.npz"
    write_tagger(path, tagger)

    kept = read_tagger(path)

    assert [path.name for path in tmp_path.iterdir()] == ["tagger.npz"]
    assert all(kept.tag(words) == tagger.tag(words) for words, _ in made(40, seed=4))


def test_a_file_that_is_no_tagger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tagger.npz"
    path.write_bytes(b"nothing of the kind")

    with pytest.raises(InvalidInputError, match=r"tagger\.npz is no tagger"):
        read_tagger(path)


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.text(max_size=12), max_size=30))
def test_any_words_are_tagged_with_slots_that_begin_with_a_b(
    tagger: Tagger, words: list[str]
) -> None:
    labels = tagger.tag(words)

    assert len(labels) == len(words)
    before = "O"
    for label in labels:
        assert label[0] != "I" or before[2:] == label[2:]
        before = label
