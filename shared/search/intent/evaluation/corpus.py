"""A tagger learned from a corpus, judged on questions it has not seen, beside simpler readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from shared.kernel.errors import InvalidInputError
from shared.search.intent.evaluation.corpora import (
    Sentence,
    corpora_in,
    is_held_out,
    named,
    sentences_of,
)
from shared.search.intent.evaluation.phrases import PhraseMemory
from shared.search.intent.evaluation.reading import Timer, read_all
from shared.search.intent.evaluation.score import Score
from shared.search.intent.slots import Labels, understand_tagged
from shared.search.intent.tagger.spans import slots_of
from shared.search.intent.training.learn import DEFAULT, Schedule, learn
from shared.search.intent.understand import understand

MILLISECONDS = 1000


@dataclass(frozen=True)
class Judged:
    """How a corpus is judged.

    Attributes:
        timer: Tells seconds.
        processor: Tells seconds of this thread's work, which other work on the machine leaves out.
        year: This year, for the grammar.
        schedule: How the tagger learns.
    """

    timer: Timer
    processor: Timer
    year: int
    schedule: Schedule = DEFAULT


def evaluate_folder(folder: Path, test: Path | None, how: Judged) -> dict[str, Any]:
    """Return how well questions are read, corpus by corpus.

    A corpus that has a part for testing is judged on it; any other on the tenth of its questions
    that is held out.

    Args:
        folder: With a file per corpus.
        test: A file or a folder of further questions, of the corpora that their names tell.
        how: How they are judged.

    Raises:
        NotFoundError: A folder has no corpus.
        InvalidInputError: A file is of another shape, or of no corpus of the folder.
    """
    found = corpora_in(folder)
    given = _given_tests(test)
    unknown = set(given) - set(found)
    if unknown:
        raise InvalidInputError(f"{test} is of {min(unknown)!r}, of which {folder} has none")
    wanted = given or found
    return {name: evaluate_corpus(*_parts(found[name], given.get(name)), how) for name in wanted}


def _given_tests(test: Path | None) -> dict[str, Path]:
    if test is None:
        return {}
    if test.is_file():
        return {named(test)[0]: test}
    return {name: next(iter(parts.values())) for name, parts in corpora_in(test).items()}


def _parts(files: Mapping[str, Path], test: Path | None) -> tuple[list[Sentence], list[Sentence]]:
    """Return the questions to learn from and those to be judged on."""
    test = test or files.get("test")
    taught = files.get("train") or files.get("") or next(iter(files.values()))
    sentences = sentences_of(taught)
    if test is not None and test != taught:
        return sentences, sentences_of(test)
    kept = [one for one in sentences if not is_held_out(one)]
    held_out = [one for one in sentences if is_held_out(one)]
    if not kept or not held_out:
        raise InvalidInputError(f"{taught} has too few questions to hold a tenth out")
    return kept, held_out


def evaluate_corpus(
    taught: Sequence[Sentence], judged: Sequence[Sentence], how: Judged
) -> dict[str, Any]:
    """Return what a tagger that learned from ``taught`` makes of ``judged``.

    ``grammar`` and ``with_tagger`` are what the product reads, by overlap; ``slots`` is the tagger
    by itself, by exact spans.
    """
    started = how.timer()
    tagger = learn(taught, how.schedule)
    learned = how.timer() - started
    score, seconds, work = _score(tagger, judged, how)
    phrases, *_ = _score(PhraseMemory(taught), judged, how)
    timers = {"timer": how.timer, "processor": how.processor}
    alone = read_all(judged, partial(understand, year=how.year), **timers)
    both = partial(understand_tagged, tagger=tagger, year=how.year)
    together = read_all(judged, both, **timers)
    return {
        "questions_learned_from": len(taught),
        "questions_judged": len(judged),
        "features": len(tagger.index),
        "learning_seconds": round(learned, 1),
        **{f"micro_{name}": value for name, value in score.micro().items()},
        "phrase_memory_f1": phrases.micro()["f1"],
        **_times("tagger", seconds),
        **_times("tagger_processor", work),
        **_times("grammar", alone.seconds),
        **_times("with_tagger", together.seconds),
        **_times("with_tagger_processor", together.work),
        "slots": score.by_slot(),
        "grammar": alone.summary(),
        "with_tagger": together.summary(),
    }


def _score(
    tagger: Labels, judged: Sequence[Sentence], how: Judged
) -> tuple[Score, list[float], list[float]]:
    """Return what was found, and the seconds that each question took and that it worked."""
    score, seconds, work = Score(), [], []
    for words, labels in judged:
        started, began = how.timer(), how.processor()
        found = tagger.tag(words)
        work.append(how.processor() - began)
        seconds.append(how.timer() - started)
        score.add(slots_of(labels), slots_of(found))
    return score, seconds, work


def _times(what: str, seconds: Sequence[float]) -> dict[str, float]:
    middle, high = np.percentile(seconds, (50, 95)) * MILLISECONDS
    return {f"{what}_ms_p50": round(float(middle), 3), f"{what}_ms_p95": round(float(high), 3)}
