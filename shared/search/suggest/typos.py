"""How often a title is found although a word of it was mistyped."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.text import fold
from shared.matching.evaluation import files
from shared.search.spelling.correct import Speller
from shared.search.suggest.build import build_suggester
from shared.search.suggest.corpus import Known, read_corpus
from shared.search.suggest.entries import Entry, Kind
from shared.search.suggest.index import Suggester

QUERIES = "typo_title_queries.tsv"
MISSPELT = "misspellings.tsv"
DEPTH = 10
CATALOGS = "justwatch_*/*_titles.csv*"


def evaluate_typos(
    data: Path, corpus: Path | None, seconds: Callable[[], float]
) -> Mapping[str, Any]:
    """Return shares of mistyped queries whose title comes first, or among ten.

    A title is found when its name is, folded: two films of one name are one answer here. Queries
    whose title is not in the corpus are counted and left out.

    Args:
        data: A folder with `QUERIES` and, for words by themselves, `MISSPELT`.
        corpus: Titles to find; the catalogs that lie beside ``data`` where None.
        seconds: A clock.

    Raises:
        NotFoundError: A file is missing.
        InvalidInputError: It has another shape, or there is nothing to judge.
    """
    known = list(read_corpus(corpus)) if corpus else list(_catalogs(data))
    began = seconds()
    suggester = build_suggester(_entries(known))
    built = seconds() - began
    rows = files.table(files.find(data, QUERIES), ("query", "target_title"), delimiter="\t")
    asked = [(row["query"], fold(row["target_title"])) for row in rows]
    judged = [(q, target) for q, target in asked if suggester.names.find(target) is not None]
    if not judged:
        raise InvalidInputError(f"{data}: no query's title is in the corpus")
    return {
        "titles": len(suggester.names.strings),
        "queries": len(asked),
        "without_their_title": len(asked) - len(judged),
        "build_seconds": round(built, 2),
        **_titles(suggester, judged, seconds),
        **_words(suggester.speller, data, seconds),
    }


def _catalogs(data: Path) -> Iterator[Known]:
    paths = sorted((data.parent / "catalog").glob(CATALOGS))
    if not paths:
        raise InvalidInputError(f"{data.parent / 'catalog'} has no {CATALOGS}; name a corpus")
    for path in paths:
        yield from read_corpus(path)


def _entries(known: Sequence[Known]) -> Iterator[Entry]:
    for title in known:
        yield Entry(title.names[0], Kind.TITLE, title.popularity, title.names[1:])


def _titles(
    suggester: Suggester, judged: Sequence[tuple[str, str]], seconds: Callable[[], float]
) -> dict[str, Any]:
    ranks: dict[str, list[int]] = defaultdict(list)
    spent: list[float] = []
    names, is_name = suggester.names, 0
    for query, target in judged:
        began = seconds()
        folded = fold(query)
        found = [match.name for match in names.match(folded, limit=DEPTH)]
        spent.append(seconds() - began)
        rank = found.index(target) + 1 if target in found else 0
        is_name += folded != target and names.find(folded) is not None
        for part in ("all", "one word" if " " not in target else "several words"):
            ranks[part].append(rank)
    found_by = {part: _figures(places) for part, places in ranks.items()}
    return {"found": found_by, "queries_that_are_a_name": is_name, **_milliseconds(spent)}


def _figures(ranks: Sequence[int]) -> dict[str, float]:
    places = np.array(ranks)
    hit = places > 0
    return {
        "queries": len(ranks),
        "recall_at_1": round(float((places == 1).mean()), 4),
        "recall_at_10": round(float(hit.mean()), 4),
        "mrr": round(float(np.where(hit, 1 / np.maximum(places, 1), 0).mean()), 4),
    }


def _milliseconds(spent: Sequence[float]) -> dict[str, float]:
    p50, p95, p99 = (np.quantile(spent, (0.5, 0.95, 0.99)) * 1000).tolist()
    return {"p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2)}


def _words(speller: Speller, data: Path, seconds: Callable[[], float]) -> dict[str, Any]:
    """Return what becomes of misspelt words alone, where the catalogue knows the right one."""
    try:
        path = files.find(data, MISSPELT)
    except NotFoundError:
        return {}
    rows = files.table(path, ("misspelt", "correct"), delimiter="\t")
    outcomes: Counter[str] = Counter()
    spent: list[float] = []
    for row in rows:
        wrong, right = fold(row["misspelt"]), fold(row["correct"])
        if " " in wrong or speller.words.find(right) is None or wrong == right:
            continue
        began = seconds()
        found = speller.correct(wrong)
        spent.append(seconds() - began)
        outcomes[_outcome(speller, wrong, right, found.meant)] += 1
    return {"words": {**dict(sorted(outcomes.items())), **_milliseconds(spent or [0.0])}}


def _outcome(speller: Speller, wrong: str, right: str, meant: str) -> str:
    if meant == right:
        return "corrected"
    if meant != wrong:
        return "made another word"
    return "left: is a word itself" if speller.knows(wrong) else "left"
