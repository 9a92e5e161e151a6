"""Files of judgments, typos and dialogues, and the films they name."""

from pathlib import Path

import pytest

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.search.evaluation.questions import (
    Named,
    judgments,
    near,
    recommendations,
    typos,
    utterances,
)

JUDGED = """# qid:1: heat*1
4\tqid:1\t # 949\theat
0\tqid:1\t # 12\theat

3\tqid:2\t # 11\tstar wars
"""
TYPED = "query\ttarget_title\tyear\ttype\nhaet\tHeat\t1995\tmovie\nluthr\tLuther\t2010\tshow\n"
SPOKEN = """dialog_id\tspeaker\ttext\tmovies
a\tSEEKER\tI loved Heat.\tHeat (1995)
a\tRECOMMENDER\tHeat is good.\tHeat (1995)
a\tSEEKER\tMore like it?\t
a\tRECOMMENDER\tRonin, or Thief!\tRonin (1998);  Thief (1981)
b\tRECOMMENDER\tI saw Jaws.\tJaws (1975)
"""


def test_judgments_are_read_by_query(tmp_path: Path) -> None:
    (tmp_path / "j.txt").write_text(JUDGED)

    assert judgments(tmp_path / "j.txt") == {
        "heat": {"949": 4, "12": 0}, "star wars": {"11": 3}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "said"), [("4 heat", "line 1: is no judgment"), ("0\tqid:1\t # 1\theat", "'heat'")]
)
def test_a_file_of_another_shape_is_refused_with_the_place(
    tmp_path: Path, written: str, said: str
) -> None:
    (tmp_path / "j.txt").write_text(written)

    with pytest.raises(InvalidInputError, match=said):
        judgments(tmp_path / "j.txt")


def test_a_folder_without_judgments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"has no file title_judgments\.txt"):
        judgments(tmp_path / "title_judgments.txt")


def test_typos_are_of_films(tmp_path: Path) -> None:
    (tmp_path / "typo_title_queries.tsv").write_text(TYPED)

    assert typos(tmp_path) == [Named("haet", (("heat", 1995),))]
    assert typos(tmp_path / "nothing here") == []


def test_what_was_said_is_judged_by_the_films_it_names(tmp_path: Path) -> None:
    (tmp_path / "inspired_dev.tsv").write_text(SPOKEN)

    assert [one.text for one in utterances(tmp_path)] == [
        "I loved Heat.", "Heat is good.", "Ronin, or Thief!", "I saw Jaws."
    ]  # fmt: skip


def test_a_recommendation_is_the_first_new_film_after_the_seeker_spoke(tmp_path: Path) -> None:
    (tmp_path / "inspired_dev.tsv").write_text(SPOKEN)

    assert recommendations(tmp_path) == [
        Named("I loved Heat. More like it?", (("ronin", 1998), ("thief", 1981)))
    ]


def test_sources_may_differ_by_a_year() -> None:
    films = {("heat", 1995): ["a"], ("heat", 1996): ["b"], ("heat", 1986): ["c"]}

    assert list(near(films, ("heat", 1995))) == ["a", "b"]
