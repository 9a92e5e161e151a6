"""Questions and what somebody judged to be answers, as their files hold them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.text import title_key
from shared.matching.evaluation import files

TITLES, TOPICS = "title_judgments.txt", "keyword_judgments.txt"
DIALOGUES, TYPOS = "inspired_dev.tsv", "typo_title_queries.tsv"
_JUDGED = re.compile(r"(?P<grade>\d+)\s+qid:\d+\s+# (?P<film>\d+)\s+(?P<query>\S.*)")
_NAMED = re.compile(r"(?P<title>.+) \((?P<year>\d{4})\)")
MAX_QUERY = 500

Name = tuple[str, int]
"""A film as people write it: its key (`title_key`) and its year."""


@dataclass(frozen=True)
class Named:
    """A question that is to bring up films, by name."""

    text: str
    films: tuple[Name, ...]


def judgments(path: Path) -> dict[str, dict[str, int]]:
    """Return the grade of each judged film by query, from lines in RankLib's form.

    Lines that begin with ``#`` and empty ones say nothing.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: A line has another form, or a query has no film above 0.
    """
    if not path.is_file():
        raise NotFoundError(f"{path.parent} has no file {path.name}")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if (judged := _JUDGED.fullmatch(line.strip())) is None:
            raise InvalidInputError(f"{path}, line {number}: is no judgment")
        found[judged["query"]][judged["film"]] = int(judged["grade"])
    if hopeless := [query for query, grades in found.items() if not any(grades.values())]:
        raise InvalidInputError(f"{path}: no film is an answer to {hopeless[0]!r}")
    return dict(found)


def typos(folder: Path) -> list[Named]:
    """Return titles of films with a word misspelt, in the file's order; none without a file."""
    columns = ("query", "target_title", "year", "type")
    return [
        Named(row["query"], ((title_key(row["target_title"]), int(row["year"])),))
        for row in _rows(folder, TYPOS, columns)
        if row["type"] == "movie" and row["year"].isdecimal()
    ]


def utterances(folder: Path) -> list[Named]:
    """Return what people said in which films are named, with those films."""
    rows = _rows(folder, DIALOGUES, ("text", "movies"))
    return [Named(row["text"][:MAX_QUERY], films) for row in rows if (films := _films(row))]


def recommendations(folder: Path) -> list[Named]:
    """Return what each seeker said before a film was recommended, and the films of that.

    A film that was named before is no recommendation.
    """
    dialogues: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    columns = ("dialog_id", "speaker", "text", "movies")
    for row in _rows(folder, DIALOGUES, columns):
        dialogues[row["dialog_id"]].append(row)
    return [found for turns in dialogues.values() if (found := _recommended(turns))]


def _recommended(turns: Sequence[Mapping[str, str]]) -> Named | None:
    said: list[str] = []
    known: set[Name] = set()
    for turn in turns:
        films = _films(turn)
        if turn["speaker"] == "SEEKER":
            said.append(turn["text"])
        elif said and (fresh := tuple(film for film in films if film not in known)):
            return Named(" ".join(said)[-MAX_QUERY:], fresh)
        known.update(films)
    return None


def _rows(folder: Path, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        path = files.find(folder, name)
    except NotFoundError:
        return []
    return files.table(path, columns, delimiter="\t")


def _films(row: Mapping[str, str]) -> tuple[Name, ...]:
    """Return the films of a column ``Heat (1995); Emma (1996)``, each once."""
    named = (_NAMED.fullmatch(part.strip()) for part in row["movies"].split(";"))
    return tuple(dict.fromkeys((title_key(m["title"]), int(m["year"])) for m in named if m))


def near(films: Mapping[Name, Sequence[str]], name: Name) -> Iterator[str]:
    """Yield the ids of films that go by ``name``; sources differ by a year on when a film is of."""
    for year in (name[1], name[1] - 1, name[1] + 1):
        yield from films.get((name[0], year), ())
