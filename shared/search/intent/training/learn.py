"""Weights of the tagger, learned by stochastic gradient descent.

Each feature has a step of its own that shrinks as it is learned (Duchi et al. 2011, AdaGrad); part
of the features of a batch are left out at random, so that none relies on another (Srivastava et al.
2014); the weights of the later half of the rounds are averaged (Polyak and Juditsky 1992). The same
sentences and seed give the same weights on one machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.search.intent.tagger.memory import remember
from shared.search.intent.tagger.model import FORBIDDEN, Floats, Tagger
from shared.search.intent.tagger.spans import OUTSIDE, may_follow
from shared.search.intent.training.batches import (
    Batch,
    Sentence,
    batches_of,
    index_of,
    named_features,
    numbered,
)
from shared.search.intent.training.gradient import gradient

FIRST_STEPS = 1e-2
"""What the squares of gradients start from."""


@dataclass(frozen=True)
class Schedule:
    """How weights are learned.

    Attributes:
        rounds: Times over all sentences, at least 1.
        rate: Size of the first steps.
        shrink: λ: how much of a weight each of its sentences takes away.
        left_out: Share of features that a batch does not see.
        batch: Sentences in a batch.
        seed: Of the order and of what is left out.
    """

    rounds: int = 15
    rate: float = 0.15
    shrink: float = 1e-4
    left_out: float = 0.2
    batch: int = 32
    seed: int = 6


DEFAULT = Schedule()


def learn(sentences: Sequence[Sentence], schedule: Schedule = DEFAULT) -> Tagger:
    """Return a tagger that has learned from labelled sentences.

    Args:
        sentences: At least one; none is empty.
        schedule: How.
    """
    memory = remember(sentences)
    named = named_features(sentences, memory)
    index = index_of(named)
    labels = tuple(sorted({label for _, said in sentences for label in said} | {OUTSIDE}))
    numbers = {label: n for n, label in enumerate(labels)}
    generator = np.random.default_rng(schedule.seed)
    batches = batches_of(
        numbered(named, index),
        [[numbers[label] for label in said] for _, said in sentences],
        label_count=len(labels),
        size=schedule.batch,
        generator=generator,
    )
    learner = _Learner(len(index), _allowed(labels, batches), schedule, generator)
    weights, transitions = learner.learned(batches)
    return Tagger(labels, index, weights, transitions, memory)


def _allowed(labels: Sequence[str], batches: Sequence[Batch]) -> Floats:
    """Return 1 where a label may follow: as slots are spelled, or as sentences have it."""
    may = [[may_follow(label, before) for label in labels] for before in (*labels, OUTSIDE)]
    seen = np.sum([batch.steps for batch in batches], axis=0) > 0
    allowed: Floats = (np.array(may) | seen).astype(np.float32)
    return allowed


class _Learner:
    """Weights while they are learned."""

    def __init__(
        self, features: int, allowed: Floats, schedule: Schedule, generator: np.random.Generator
    ) -> None:
        self._weights = np.zeros((features, allowed.shape[1]), np.float32)
        self._squares = np.full_like(self._weights, FIRST_STEPS)
        self._transitions = np.zeros_like(allowed)
        self._transition_squares = np.full_like(allowed, FIRST_STEPS)
        self._allowed = allowed
        self._schedule = schedule
        self._generator = generator

    def learned(self, batches: Sequence[Batch]) -> tuple[Floats, Floats]:
        """Return averaged weights and transitions after all rounds."""
        sums = np.zeros_like(self._weights), np.zeros_like(self._transitions)
        first = self._schedule.rounds // 2
        for turn in range(self._schedule.rounds):
            for n in self._generator.permutation(len(batches)):
                self._step(batches[n])
            if turn >= first:
                sums[0][:] += self._weights
                sums[1][:] += self._transitions
        turns = np.float32(self._schedule.rounds - first)
        return sums[0] / turns, np.where(self._allowed > 0, sums[1] / turns, FORBIDDEN)

    def _step(self, batch: Batch) -> None:
        weights = self._weights[batch.used]
        left_out = self._schedule.left_out
        seen = self._generator.random(len(weights), np.float32)[:, None] >= left_out
        kept = seen.astype(np.float32) / np.float32(1 - left_out)
        emissions = _emissions(batch, weights * kept)
        found = gradient(batch, emissions, self._transitions, self._allowed)
        missed = found.emissions.reshape(-1, weights.shape[1])
        slope = np.add.reduceat(missed[batch.by_feature], batch.feature_starts, axis=0) * kept
        shrink = np.float32(self._schedule.shrink * batch.shape[0])
        slope += shrink * weights
        squares = self._squares[batch.used] + slope * slope
        self._squares[batch.used] = squares
        self._weights[batch.used] = weights - self._schedule.rate * slope / np.sqrt(squares)
        slope = found.transitions + shrink * self._transitions
        self._transition_squares += slope * slope
        self._transitions -= self._schedule.rate * slope / np.sqrt(self._transition_squares)


def _emissions(batch: Batch, weights: Floats) -> Floats:
    rows, longest = batch.shape
    emissions = np.zeros((rows * longest, weights.shape[1]), np.float32)
    emissions[batch.words] = np.add.reduceat(weights[batch.by_word], batch.word_starts, axis=0)
    return emissions.reshape(rows, longest, -1)
