"""How soon a title is suggested while its name is typed.

Nobody's keystrokes are at hand, so the proxy is: every title is looked for as often as it has
votes, and its name is typed from the beginning, letter by letter, an article included (the
vote-weighted prefix proxy). A title counts where a suggestion has its name, folded; beyond the
tenth it counts 0.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shared.kernel.errors import InvalidInputError
from shared.kernel.text import fold
from shared.search.suggest.build import build_suggester
from shared.search.suggest.corpus import Known, read_corpus
from shared.search.suggest.entries import (
    Entry,
    Kind,
    group_popularity,
    person_popularity,
)
from shared.search.suggest.index import Suggester

CORPUS = ("tmdb_corpus.jsonl.gz", "tmdb_corpus.jsonl")
LETTERS = (3, 4, 5, 6)
DEPTH = 10
LEAST_OF_GENRE = 10
"""Titles from which a genre of a corpus is taken for one."""
SLIPS = 500
"""Titles whose mistyped beginnings are timed too."""
SEED = 11


def evaluate_suggestions(
    data: Path, corpus: Path | None, seconds: Callable[[], float]
) -> Mapping[str, Any]:
    """Return mean reciprocal ranks at 3 to 6 letters, and how long suggestions take.

    Titles compete with each other and with the people and genres of the corpus.

    Raises:
        NotFoundError: There is no corpus.
        InvalidInputError: It has another shape, or no title with votes.
    """
    known = list(read_corpus(corpus or _found(data)))
    wanted = [title for title in known if title.votes > 0]
    if not wanted:
        raise InvalidInputError("no title of the corpus has votes")
    began = seconds()
    suggester = build_suggester(_entries(known))
    built = seconds() - began
    ranked, spent = _typed(suggester, wanted, seconds)
    slips = _mistyped(suggester, wanted, seconds)
    return {
        "titles": len(known),
        "entries": len(suggester.facts.texts),
        "titles_with_votes": len(wanted),
        "build_seconds": round(built, 2),
        "snapshot_megabytes": round(sum(a.nbytes for a in suggester.arrays().values()) / 1e6, 1),
        "mean_reciprocal_rank": ranked,
        "milliseconds": {"as typed": _times(spent), "with a slip": _times(slips)},
    }


def _found(data: Path) -> Path:
    for name in CORPUS:
        if (data / name).is_file():
            return data / name
    raise InvalidInputError(f"{data} has no {CORPUS[0]}; name a corpus")


def _entries(known: Sequence[Known]) -> Iterator[Entry]:
    people: dict[str, list[float]] = defaultdict(list)
    genres: Counter[str] = Counter()
    for title in known:
        yield Entry(title.names[0], Kind.TITLE, title.popularity, title.names[1:])
        genres.update(title.genres)
        for person in title.people:
            people[person].append(title.popularity)
    for person, known_for in people.items():
        popularity = person_popularity(max(known_for), len(known_for))
        yield Entry(person, Kind.PERSON, popularity)
    most = max(genres.values(), default=1)
    for genre, titles in genres.items():
        if titles >= LEAST_OF_GENRE:
            yield Entry(genre, Kind.GENRE, group_popularity(titles, most))


def _typed(
    suggester: Suggester, wanted: Sequence[Known], seconds: Callable[[], float]
) -> tuple[dict[str, float], list[float]]:
    gained = dict.fromkeys(LETTERS, 0.0)
    spent: list[float] = []
    for title in wanted:
        name = fold(title.names[0])
        for letters in LETTERS:
            began = seconds()
            found = suggester.suggest(name[:letters], limit=DEPTH)
            spent.append(seconds() - began)
            places = (i for i, each in enumerate(found, 1) if _is(each.kind, each.text, name))
            gained[letters] += title.votes / next(places, np.inf)
    votes = sum(title.votes for title in wanted)
    ranks = {f"{letters} letters": round(gained[letters] / votes, 4) for letters in LETTERS}
    return {**ranks, "mean": round(sum(ranks.values()) / len(ranks), 4)}, spent


def _is(kind: Kind, text: str, name: str) -> bool:
    return kind is Kind.TITLE and fold(text) == name


def _mistyped(
    suggester: Suggester, wanted: Sequence[Known], seconds: Callable[[], float]
) -> list[float]:
    """Return how long beginnings take in which a letter is another one; which, is drawn."""
    rng = np.random.default_rng(SEED)
    spent: list[float] = []
    for index in rng.permutation(len(wanted))[:SLIPS]:
        name = fold(wanted[index].names[0])
        if len(name) <= LETTERS[-1]:
            continue
        typed = name[: rng.integers(LETTERS[-1], len(name) + 1)]
        at = int(rng.integers(1, len(typed)))
        letter = chr(ord("a") + int(rng.integers(26)))
        began = seconds()
        suggester.suggest(typed[:at] + letter + typed[at + 1 :], limit=DEPTH)
        spent.append(seconds() - began)
    return spent or [0.0]


def _times(spent: Sequence[float]) -> dict[str, float]:
    p50, p95, p99 = (np.quantile(spent, (0.5, 0.95, 0.99)) * 1000).tolist()
    return {"p50": round(p50, 3), "p95": round(p95, 3), "p99": round(p99, 3)}
