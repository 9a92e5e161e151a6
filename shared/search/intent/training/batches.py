"""Labelled sentences as arrays, a few of about the same length at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.search.intent.tagger.features import features_of
from shared.search.intent.tagger.memory import Memory, remember
from shared.search.intent.tagger.model import Floats

Ints = npt.NDArray[np.intp]
Sentence = tuple[tuple[str, ...], tuple[str, ...]]
"""Words and their labels."""
LEAST_USES = 2
"""Features that occur less often teach nothing."""
ALWAYS = "bias"


@dataclass(frozen=True, eq=False)
class Batch:
    """Sentences padded to one length; symbols as in `model`, B sentences, T words, U features.

    Attributes:
        shape: B and T.
        used: Shape ``(U,)``: the features that occur, each once.
        by_word: Places in ``used`` of every word's features, word after word.
        word_starts: Where each word's begin in ``by_word``.
        words: Place of each word in B·T.
        by_feature: Words of every feature, feature after feature.
        feature_starts: Where each feature's begin in ``by_feature``.
        truth: Shape ``(B, T, L)``, 1 at the right label.
        present: Shape ``(B, T)``, 1 where there is a word.
        steps: Shape ``(L + 1, L)``: how often each label followed each.
    """

    shape: tuple[int, int]
    used: Ints
    by_word: Ints
    word_starts: Ints
    words: Ints
    by_feature: Ints
    feature_starts: Ints
    truth: Floats
    present: Floats
    steps: Floats


def named_features(sentences: Sequence[Sentence], memory: Memory) -> list[list[list[str]]]:
    """Return the features of every word, with what its own sentence taught taken out of memory."""
    return [
        features_of(words, memory.evidence(words, remember([(words, labels)])))
        for words, labels in sentences
    ]


def index_of(named: Sequence[Sequence[Sequence[str]]]) -> dict[str, int]:
    """Return a row for every feature that occurs at least twice, in the order of occurrence."""
    uses = Counter(name for sentence in named for word in sentence for name in word)
    kept = (name for name, n in uses.items() if n >= LEAST_USES or name == ALWAYS)
    return {name: row for row, name in enumerate(kept)}


def batches_of(
    rows: Sequence[Sequence[Sequence[int]]],
    labels: Sequence[Sequence[int]],
    *,
    label_count: int,
    size: int,
    generator: np.random.Generator,
) -> list[Batch]:
    """Return sentences in batches, those of like length together.

    Args:
        rows: Rows of every word's features, at least one a word.
        labels: Number of every word's label.
        label_count: L.
        size: Sentences in a batch.
        generator: Decides which of equally long sentences meet.
    """
    ties = generator.random(len(rows))
    order = sorted(range(len(rows)), key=lambda n: (len(rows[n]), ties[n]))
    chunks = (order[start : start + size] for start in range(0, len(order), size))
    return [_batch([rows[n] for n in c], [labels[n] for n in c], label_count) for c in chunks]


def _batch(
    rows: Sequence[Sequence[Sequence[int]]], labels: Sequence[Sequence[int]], count: int
) -> Batch:
    longest = max(len(one) for one in rows)
    places = [(b, t) for b, one in enumerate(rows) for t in range(len(one))]
    sizes = [len(rows[b][t]) for b, t in places]
    flat = np.fromiter((row for b, t in places for row in rows[b][t]), np.intp)
    words = np.array([b * longest + t for b, t in places])
    used, by_word = np.unique(flat, return_inverse=True)
    order = np.argsort(flat, kind="stable")
    truth, steps = _truth(labels, longest, count)
    return Batch(
        shape=(len(rows), longest),
        used=used,
        by_word=by_word,
        word_starts=np.cumsum([0, *sizes[:-1]]),
        words=words,
        by_feature=np.repeat(words, sizes)[order],
        feature_starts=np.searchsorted(flat[order], used),
        truth=truth,
        present=truth.sum(axis=2),
        steps=steps,
    )


def _truth(labels: Sequence[Sequence[int]], longest: int, count: int) -> tuple[Floats, Floats]:
    truth = np.zeros((len(labels), longest, count), np.float32)
    steps = np.zeros((count + 1, count), np.float32)
    for b, sentence in enumerate(labels):
        before = count
        for t, label in enumerate(sentence):
            truth[b, t, label] = 1
            steps[before, label] += 1
            before = label
    return truth, steps


def numbered(
    named: Sequence[Sequence[Sequence[str]]], index: Mapping[str, int]
) -> list[list[list[int]]]:
    """Return features by row, without those that have none."""
    return [[[index[f] for f in word if f in index] for word in one] for one in named]
