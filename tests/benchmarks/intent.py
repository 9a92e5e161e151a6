"""How fast questions are read, by the grammar alone and with a tagger, beside one regular pass.

The questions and the tagger's sentences are our own; how well real ones are read is what
``mg evaluate intent`` tells.
"""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from shared.search.intent.slots import understand_tagged
from shared.search.intent.training.learn import Schedule, learn
from shared.search.intent.understand import understand
from tests.unit.search.intent.questions import made

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.machine import Row

YEAR = 2026
ROUNDS = 40
LEARNED_FROM = 2000
SHORT = (
    "netflix",
    "80s action movies with Tom Hanks",
    "movies like Arrival but funny under 2 hours on hulu",
    "kid friendly animation under 90 minutes",
    "korean dramas on netflix uk since 2015",
    "highly rated documentaries from the last five years",
    "something like Inception but lighter, on Disney+",
    "free westerns before 1970, not too violent",
    "romantic comedies leaving soon",
    "directed by Agnès Varda",
)
LONG = (
    "what is the name of that movie in which a pilot goes to tokyo and learns how to race a car",
    "i want a film noir from the late 1940s in which a detective who lost his memory is hunted",
)
LONGEST = ("under two hours like heat " * 20)[:500]
_WORD = re.compile(r"\w+")


def _times(read: Callable[[str], object], questions: Sequence[str]) -> str:
    """Return the middle and the 95th percentile over questions, each the shortest of its turns."""
    seconds = []
    for question in questions:
        read(question)
        turns = []
        for _ in range(ROUNDS):
            begun = perf_counter()
            read(question)
            turns.append(perf_counter() - begun)
        seconds.append(min(turns))
    middle, high = np.percentile(seconds, (50, 95)) * 1000
    return f"p50 {middle:.3f} · p95 {high:.3f} ms"


def run() -> list[Row]:
    """Return (what, measured, bare operation) per line."""
    sentences = made(LEARNED_FROM)
    begun = perf_counter()
    tagger = learn(sentences, Schedule(rounds=5))
    learned = (perf_counter() - begun) / 5

    def grammar(question: str) -> object:
        return understand(question, year=YEAR)

    def tagged(question: str) -> object:
        return understand_tagged(question, tagger, year=YEAR)

    def bare(question: str) -> object:
        return _WORD.findall(question.lower())

    return [
        (
            f"grammar, {name}",
            _times(grammar, questions),
            f"words alone {_times(bare, questions)}",
        )
        for name, questions in (("short", SHORT), ("long", LONG), ("500 characters", (LONGEST,)))
    ] + [
        ("grammar and tagger, short", _times(tagged, SHORT), "a tagger of our own questions"),
        ("grammar and tagger, long", _times(tagged, LONG), "a tagger of our own questions"),
        ("learn", f"{LEARNED_FROM / learned:,.0f} questions/s a round", "none"),
    ]


if __name__ == "__main__":
    for line in run():
        print(*line, sep=" · ")  # noqa: T201 - a benchmark's output
