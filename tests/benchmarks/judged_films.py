"""Films judged for queries, and how well vectors alone rank them.

The judgments (25 queries, grades 0 to 4) and films lie in ``../shared/data/search``; they are not
part of this repository. The pool is every judged film and some thousands of others.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.machine import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Vectors = npt.NDArray[np.float32]
DATA = ROOT.parent / "shared" / "data" / "search"
JUDGMENTS = ("title_judgments.txt", "keyword_judgments.txt")
LINE = re.compile(r"(?P<grade>\d)\s+qid:\d+\s+# (?P<film>\d+)\s+(?P<query>.+)")
OTHERS = 3000
SEED = 5
DEPTH = 10


@dataclass(frozen=True)
class Judged:
    """Queries, the texts of a pool of films, and the grade of each film for each query.

    Attributes:
        queries: What was asked.
        texts: What is embedded of each film, composed as in `shared.search.document`.
        grades: Shape ``(queries, films)``, 0 where a film was not judged.
        taglines: The line on a film's poster, which its text does not hold, and the film's place.
    """

    queries: list[str]
    texts: list[str]
    grades: npt.NDArray[np.float64]
    taglines: list[tuple[str, int]]


def read(folder: Path = DATA) -> Judged | None:
    """Return the judged pool, or None where the data is not there."""
    if not folder.is_dir():
        return None
    grades = _grades(folder)
    films = _films(folder)
    judged = sorted({film for row in grades.values() for film in row} & films.keys())
    others = sorted(id_ for id_, film in films.items() if "overview" in film and id_ not in judged)
    pool = [*judged, *random.Random(SEED).sample(others, OTHERS)]
    table = [[float(row.get(film, 0)) for film in pool] for row in grades.values()]
    return Judged(
        queries=list(grades),
        texts=[_text(films[film]) for film in pool],
        grades=np.array(table),
        taglines=[(films[f]["tagline"], i) for i, f in enumerate(pool) if films[f].get("tagline")],
    )


def ndcg(scores: Vectors, grades: npt.NDArray[np.float64]) -> list[float]:
    """Return each query's NDCG@10 with gain 2^g - 1 (Burges et al., ICML 2005, section 6).

    Args:
        scores: Shape ``(queries, films)``; equal scores keep the films' order.
        grades: Same shape.
    """
    gains = 2**grades - 1
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    found = np.take_along_axis(gains, np.argsort(-scores, axis=1, kind="stable"), axis=1)
    best = -np.sort(-gains, axis=1)
    values: list[float] = (found[:, :DEPTH] @ discounts / (best[:, :DEPTH] @ discounts)).tolist()
    return values


def mrr(scores: Vectors, wanted: list[int]) -> list[float]:
    """Return for each query 1 by the place of the film it wants, 0 beyond the tenth."""
    own = scores[np.arange(len(wanted)), wanted]
    places = 1 + (scores > own[:, None]).sum(axis=1)
    values: list[float] = np.where(places <= DEPTH, 1 / places, 0).tolist()
    return values


def overlap(one: Vectors, other: Vectors) -> float:
    """Return the share of the first's ten best that the other's ten best hold too."""
    tens = [np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH] for scores in (one, other)]
    return float(np.mean([len({*a} & {*b}) / DEPTH for a, b in zip(*tens, strict=True)]))


def _grades(folder: Path) -> dict[str, dict[int, int]]:
    grades: dict[str, dict[int, int]] = {}
    for name in JUDGMENTS:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            if match := LINE.fullmatch(line.strip()):
                found = grades.setdefault(match["query"], {})
                found[int(match["film"])] = int(match["grade"])
    return grades


def _films(folder: Path) -> dict[int, dict[str, Any]]:
    with gzip.open(folder / "tmdb_corpus.jsonl.gz", "rt", encoding="utf-8") as stream:
        films = [json.loads(line) for line in stream]
    return {film["tmdb_id"]: film for film in films}


def _text(film: dict[str, Any]) -> str:
    year = f" ({film['year']})" if film.get("year") else ""
    lists = [film.get(name, []) for name in ("genres", "keywords", "cast")]
    named = [", ".join(words[:8]) for words in lists]
    parts = [f"{film['title']}{year}", "movie", *named, film.get("overview", "")]
    return " | ".join(part for part in parts if part)
