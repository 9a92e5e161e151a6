"""The likelihood of labelled sentences and its gradient (Lafferty et al. 2001, §3).

Forward and backward sums are scaled to 1 at every word, so that exponentials never overflow
(Rabiner 1989, §V.A). Symbols as in `batches`: B sentences, T words, L labels.
"""

from dataclasses import dataclass

import numpy as np

from shared.search.intent.tagger.model import Floats
from shared.search.intent.training.batches import Batch


@dataclass(frozen=True, eq=False)
class Gradient:
    """Of the negative log-likelihood of a batch.

    Attributes:
        loss: Summed over its sentences.
        emissions: Shape ``(B, T, L)``.
        transitions: Shape ``(L + 1, L)``.
    """

    loss: float
    emissions: Floats
    transitions: Floats


def gradient(batch: Batch, emissions: Floats, transitions: Floats, allowed: Floats) -> Gradient:
    """Return the loss of a batch and what it changes with.

    Args:
        batch: Sentences with their labels.
        emissions: Shape ``(B, T, L)``: scores of labels, word by word.
        transitions: Shape ``(L + 1, L)``: scores of a label after a label.
        allowed: Shape ``(L + 1, L)``: 1 where a label may follow, else 0.
    """
    highest = emissions.max(axis=2, keepdims=True)
    likely = np.exp(emissions - highest)
    steps = np.exp(transitions) * allowed
    forward, scales = _forward(likely, steps, batch.present)
    chances, expected = _backward(batch, likely, steps, (forward, scales))
    truth = float((emissions * batch.truth).sum() + (transitions * batch.steps).sum())
    total = float(((np.log(scales) + highest[:, :, 0]) * batch.present).sum())
    missed = chances * batch.present[:, :, None] - batch.truth
    return Gradient(total - truth, missed, expected - batch.steps)


def _forward(likely: Floats, steps: Floats, present: Floats) -> tuple[Floats, Floats]:
    """Return the scaled forward sums ``(B, T, L)`` and their scales ``(B, T)``; 1 past the end."""
    sums = np.zeros_like(likely)
    scales = np.ones(present.shape, np.float32)
    current = likely[:, 0] * steps[-1]
    for t in range(likely.shape[1]):
        if t:
            current = (sums[:, t - 1] @ steps[:-1]) * likely[:, t]
        scale = current.sum(axis=1)
        here = present[:, t] > 0
        scales[here, t] = scale[here]
        sums[:, t] = np.where(here[:, None], current / scale[:, None], sums[:, t - 1] if t else 0)
    return sums, scales


def _backward(
    batch: Batch, likely: Floats, steps: Floats, forward: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return the chance of every label ``(B, T, L)`` and expected counts ``(L + 1, L)``."""
    sums, scales = forward
    chances = np.empty_like(likely)
    expected = np.zeros_like(steps)
    after = np.ones_like(likely[:, 0])
    for t in range(batch.shape[1] - 1, -1, -1):
        chances[:, t] = sums[:, t] * after
        if t:
            here = batch.present[:, t : t + 1]
            through = likely[:, t] * after / scales[:, t : t + 1] * here
            expected[:-1] += (sums[:, t - 1].T @ through) * steps[:-1]
            after = np.where(here > 0, through @ steps[:-1].T, after)
    expected[-1] = chances[:, 0].sum(axis=0)
    return chances, expected
