"""From counts of agreement patterns to weights.

1. Log-odds of each level alone (Fellegi & Sunter, JASA 1969, §3): ln(m/u), where m and u are the
   level's shares among pairs that are one title and among pairs that are not, each count raised by
   a half (Jeffreys) so that a level nobody met says little.
2. Levels are not independent of each other, as that sum would have it. So all weights are learned
   once more together, by logistic regression on the pairs that the vetoes leave, with a normal
   prior of variance 1 around the weights of step 1 (MAP; Newton's method, Bishop, Pattern
   Recognition and Machine Learning, §4.3.3). A level that is rare there keeps what step 1 gave it.

Symbols: w weights, x levels of a pattern, n its pairs, y its pairs that are one, p = logistic(w·x).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from shared.matching.features import LEVELS
from shared.matching.training.evidence import PEOPLE, Evidence, Pattern
from shared.matching.weights import Weights, logistic

HALF = 0.5
VARIANCE = 1.0
PRIOR_VARIANCE = 100.0
"""Of the intercept: what is met in blocks decides it, nothing else."""
STEPS = 50
CLOSE = 1e-9
FORBIDDEN = {("title", "other"), ("year", "far")}
"""Levels with which nothing is ever joined by name."""

Term = tuple[str, str]
INTERCEPT: Term = ("", "")


@dataclass(frozen=True, slots=True)
class _Prior:
    """Normal distributions of the weights, independent of each other."""

    center: list[float]
    precision: list[float]


Rows = list[tuple[tuple[int, ...], int, int]]
"""Places of a pattern's levels, its pairs, and its pairs that are one."""


def learn(evidence: Evidence, people: Evidence) -> Weights:
    """Return the weights that follow from labelled pairs and from what is known of people.

    Args:
        evidence: Of labelled pairs.
        people: Of pairs of catalogs that know people; where labelled ones hardly do.
    """
    alone = {**log_odds(evidence), **{k: v for k, v in log_odds(people).items() if k[0] == PEOPLE}}
    kept = {key: n for key, n in evidence.items() if not FORBIDDEN.intersection(key[0])}
    pairs = {same: sum(n for (_, s), n in kept.items() if s is same) for same in (True, False)}
    centers = {INTERCEPT: log((pairs[True] + HALF) / (pairs[False] + HALF)), **alone}
    found = _regress(Counter(kept), centers)
    levels = {name: {one: found[name, one] for one in LEVELS[name]} for name in LEVELS}
    return Weights(found[INTERCEPT], levels)


def log_odds(evidence: Evidence) -> dict[Term, float]:
    """Return ln(m/u) of every level."""
    counts: Counter[tuple[Term, bool]] = Counter()
    for (pattern, same), n in evidence.items():
        for term in pattern:
            counts[term, same] += n
    found = {}
    for name, levels in LEVELS.items():
        terms = [(name, level) for level in levels]
        m, u = (_shares([counts[term, same] for term in terms]) for same in (True, False))
        found.update({term: log(a / b) for term, a, b in zip(terms, m, u, strict=True)})
    return found


def _shares(counts: Sequence[int]) -> list[float]:
    raised = [n + HALF for n in counts]
    return [n / sum(raised) for n in raised]


def _regress(evidence: Evidence, centers: Mapping[Term, float]) -> dict[Term, float]:
    """Return the weights of greatest posterior probability.

    Each Newton step is halved until it gains: far from the top a whole one may overshoot.
    """
    terms = list(centers)
    prior = _Prior(
        [centers[term] for term in terms],
        [1 / (PRIOR_VARIANCE if term == INTERCEPT else VARIANCE) for term in terms],
    )
    rows = _rows(evidence, {term: n for n, term in enumerate(terms)})
    w = list(prior.center)
    for _ in range(STEPS):
        gained = _stepped(rows, prior, w, solve(*_curvature_and_gradient(rows, prior, w)))
        if gained is None:
            break
        w = gained
    return dict(zip(terms, w, strict=True))


def _stepped(rows: Rows, prior: _Prior, w: list[float], step: list[float]) -> list[float] | None:
    """Return the weights after as much of a step as gains; None where nothing is left to gain."""
    reached = _log_posterior(rows, prior, w)
    while max(map(abs, step)) > CLOSE:
        tried = [a + b for a, b in zip(w, step, strict=True)]
        if _log_posterior(rows, prior, tried) >= reached:
            return tried
        step = [part / 2 for part in step]
    return None


def _rows(evidence: Evidence, place: Mapping[Term, int]) -> Rows:
    patterns: dict[Pattern, list[int]] = {}
    for (pattern, same), n in sorted(evidence.items()):
        counted = patterns.setdefault(pattern, [0, 0])
        counted[0] += n
        counted[1] += n if same else 0
    return [
        ((place[INTERCEPT], *(place[term] for term in pattern)), n, y)
        for pattern, (n, y) in patterns.items()
    ]


def _log_posterior(rows: Rows, prior: _Prior, w: Sequence[float]) -> float:
    terms = zip(prior.precision, prior.center, w, strict=True)
    total = -sum(c * (b - a) ** 2 for c, a, b in terms) / 2
    for x, n, y in rows:
        odds = sum(w[i] for i in x)
        # ln p = -ln(1 + e^-odds) and ln(1 - p) = ln p - odds, without overflow
        total += y * odds - n * (max(odds, 0.0) + log1p(exp(-abs(odds))))
    return total


def _curvature_and_gradient(
    rows: Rows, prior: _Prior, w: Sequence[float]
) -> tuple[list[list[float]], list[float]]:
    size = len(w)
    gradient = [c * (a - b) for c, a, b in zip(prior.precision, prior.center, w, strict=True)]
    curvature = [[0.0] * size for _ in range(size)]
    for n, c in enumerate(prior.precision):
        curvature[n][n] = c
    for x, n, y in rows:
        p = logistic(sum(w[i] for i in x))
        for i in x:
            gradient[i] += y - n * p
            for j in x:
                curvature[i][j] += n * p * (1 - p)
    return curvature, gradient


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Return x of ``matrix·x = right`` for a symmetric positive definite matrix (Cholesky)."""
    size = len(right)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = rest**0.5 if i == j else rest / lower[j][j]
    down = [0.0] * size
    for i in range(size):
        down[i] = (right[i] - sum(lower[i][k] * down[k] for k in range(i))) / lower[i][i]
    x = [0.0] * size
    for i in reversed(range(size)):
        x[i] = (down[i] - sum(lower[k][i] * x[k] for k in range(i + 1, size))) / lower[i][i]
    return x
