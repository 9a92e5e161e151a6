"""Reading is measured on files of labelled questions."""

import gzip
from itertools import count
from pathlib import Path

import pytest

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.search.intent.evaluation.corpora import corpora_in, is_held_out, sentences_of
from shared.search.intent.evaluation.corpus import Judged, evaluate_folder
from shared.search.intent.evaluation.phrases import PhraseMemory
from shared.search.intent.evaluation.score import Score
from shared.search.intent.tagger.spans import Slot
from shared.search.intent.training.learn import Schedule
from tests.unit.search.intent.questions import made, written


def judged() -> Judged:
    ticks = count()
    return Judged(lambda: next(ticks) / 1000, lambda: 0.0, 2026, Schedule(rounds=3))


def test_a_corpus_is_judged_on_the_tenth_held_out(tmp_path: Path) -> None:
    (tmp_path / "filmstrain.bio.gz").write_bytes(gzip.compress(written(made(200)).encode()))

    found = evaluate_folder(tmp_path, None, judged())["films"]

    held_out = sum(map(is_held_out, made(200)))
    assert (found["questions_judged"], found["questions_learned_from"]) == (
        held_out,
        200 - held_out,
    )
    assert found["micro_f1"] > 0.9
    for what in ("tagger", "with_tagger"):
        assert (found[f"{what}_ms_p95"], found[f"{what}_processor_ms_p95"]) == (1, 0)
    assert set(found["slots"]) <= {"ACTOR", "TITLE", "GENRE", "PLOT"}
    assert found["grammar"]["genre"]["precision"] == 1
    assert found["with_tagger"]["person"]["recall"] >= found["grammar"]["person"]["recall"]


@pytest.mark.parametrize("apart", [True, False])
def test_a_part_for_testing_is_what_is_judged_on(tmp_path: Path, *, apart: bool) -> None:
    folder = tmp_path / "tests" if apart else tmp_path
    folder.mkdir(exist_ok=True)
    (tmp_path / "filmstrain.bio").write_text(written(made(120)), encoding="utf-8")
    (folder / "filmstest.bio").write_text(written(made(15, seed=3)), encoding="utf-8")

    for test in [folder, folder / "filmstest.bio"] if apart else [None]:
        found = evaluate_folder(tmp_path, test, judged())["films"]
        assert (found["questions_learned_from"], found["questions_judged"]) == (120, 15)


def test_files_of_another_shape_are_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "films.bio"
    path.write_text("heat\tB-TITLE\nronin\n", encoding="utf-8")

    with pytest.raises(InvalidInputError, match="line 2"):
        sentences_of(path)


def test_what_cannot_be_measured_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="has no file"):
        corpora_in(tmp_path)
    (tmp_path / "films.bio").write_text(written(made(3)), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="too few questions"):
        evaluate_folder(tmp_path, None, judged())
    other = tmp_path / "more" / "songstest.txt"
    other.parent.mkdir()
    other.write_text(written(made(3)), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="is of 'songs', of which"):
        evaluate_folder(tmp_path, other, judged())
    with pytest.raises(InvalidInputError, match="cannot be read"):
        sentences_of(tmp_path / "none.bio.gz")


def test_only_exact_spans_are_right() -> None:
    score = Score()

    score.add([Slot(0, 2, "ACTOR"), Slot(3, 4, "YEAR")], [Slot(0, 1, "ACTOR"), Slot(3, 4, "YEAR")])

    assert score.micro() == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert score.by_slot()["ACTOR"]["f1"] == 0


def test_phrases_name_what_they_mostly_named() -> None:
    memory = PhraseMemory(
        [
            (("out", "of", "africa"), ("B-TITLE", "I-TITLE", "I-TITLE")),
            (("out", "of", "work"), ("O", "O", "O")),
            (("africa",), ("O",)),
        ]
    )

    assert memory.tag(["watch", "out", "of", "africa"]) == ["O", "B-TITLE", "I-TITLE", "I-TITLE"]
    assert memory.tag(["africa"]) == ["O"]
