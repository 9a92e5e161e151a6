"""intent_evaluate: which options go together, and what it prints."""

from pathlib import Path

import orjson
import pytest

from shared.search.intent.tagger.files import read_tagger
from tests.fakes.edge import load
from tests.unit.search.intent.questions import made, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "filmstrain.bio"
    path.write_text(written(made(80)), encoding="utf-8")
    return tmp_path


def run(*options: str) -> int:
    status: int = load("intent_evaluate").handle(list(options))
    return status


def test_measuring_prints_a_part_for_each_corpus(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--data", str(folder)) == 0

    summary = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["films"]["questions_learned_from"] > summary["films"]["questions_judged"] > 0
    assert summary["films"]["slots"]


def test_learning_writes_a_tagger_that_reads(folder: Path) -> None:
    into = folder / "tagger.npz"

    assert run("--learn", str(folder / "filmstrain.bio"), "--into", str(into)) == 0

    assert read_tagger(into).tag(["when", "did", "ronin", "come", "out"])[2] == "B-TITLE"


@pytest.mark.parametrize(
    "given", [(), ("--learn", "{file}"), ("--data", "{folder}", "--into", "x")]
)
def test_options_that_do_not_go_together_are_refused(folder: Path, given: tuple[str, ...]) -> None:
    names = {"file": folder / "filmstrain.bio", "folder": folder}

    assert run(*(option.format(**names) for option in given)) == 2


def test_a_folder_without_questions_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--data", str(tmp_path)) == 1
    assert "has no file" in capsys.readouterr().err
