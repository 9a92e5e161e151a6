"""The golden questions and their grades, which follow from facts and from no search.

A question says what it wants in the sample's own terms. A title has the grade

    title, misspelt     4 where it is the title, or another of the same name
    like X              3 with X's director or two of its actors, 2 with all of X's genres and its
                        form, 1 with two of its genres, its form and at most 15 years between them;
                        nothing where it fails whatever else is wanted; X itself is no answer
    every other kind    3 where it is all that is wanted, 1 where all but one of three or more

The sample's synopses, ratings and popularity are invented and count for nothing.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.kernel.text import title_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "fixtures" / "golden"
SAMPLE = ROOT / "emulators" / "providers" / "sample" / "titles.jsonl.gz"
APART_YEARS = 15
SHARED_ACTORS = SHARED_GENRES = 2
FEW_WANTS = 2
"""Of so few, a title that lacks one is no answer."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        want: What is asked for: ``title``, ``like`` (IMDb ids); ``people``, ``genres``,
            ``services`` (all of them); ``type``; ``years``, ``minutes`` (first and last).
    """

    kind: str
    text: str
    want: Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the sample says of one title that is true of it."""

    imdb: str
    key: str
    form: str
    year: int
    minutes: int
    genres: frozenset[str]
    actors: frozenset[str]
    directors: frozenset[str]
    services: frozenset[str]

    def satisfied(self, want: Mapping[str, Any]) -> Iterator[bool]:
        """Yield for each thing wanted whether it is so; every genre and person counts."""
        for genre in want.get("genres", ()):
            yield genre in self.genres
        for person in want.get("people", ()):
            yield person in self.actors | self.directors
        for service in want.get("services", ()):
            yield service in self.services
        if "type" in want:
            yield want["type"] == self.form
        for name, value in (("years", self.year), ("minutes", self.minutes)):
            if name in want:
                first, last = want[name]
                yield first <= value <= last


def questions() -> list[Question]:
    """Return the golden questions."""
    lines = (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


def sample() -> dict[str, Facts]:
    """Return the facts of the sample by IMDb id."""
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        return {facts.imdb: facts for facts in map(_facts, map(json.loads, lines))}


def _facts(row: Mapping[str, Any]) -> Facts:
    return Facts(
        imdb=row["imdb_id"],
        key=title_key(row["title"]),
        form=row["show_type"],
        year=row["year"],
        minutes=row.get("runtime", 0),
        genres=frozenset(row["genres"]),
        actors=frozenset(row.get("cast", ())),
        directors=frozenset(row.get("directors", ())),
        services=frozenset(_services(row["offers"].values())),
    )


def _services(offers: Iterator[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield where a title can be watched now, in any country, without an end in sight."""
    for offer in (offer for listed in offers for offer in listed):
        if offer["starts"] <= 0 and "ends" not in offer:
            yield offer["service"]


def grades(question: Question, titles: Mapping[str, Facts]) -> dict[str, int]:
    """Return the titles that answer a question at all, with their grades."""
    found = {imdb: _grade(question.want, facts, titles) for imdb, facts in titles.items()}
    return {imdb: grade for imdb, grade in found.items() if grade}


def _grade(want: Mapping[str, Any], facts: Facts, titles: Mapping[str, Facts]) -> int:
    if "title" in want:
        return 4 if facts.key == titles[want["title"]].key else 0
    met = list(facts.satisfied(want))
    if "like" in want:
        return _likeness(facts, titles[want["like"]]) if all(met) else 0
    if all(met):
        return 3
    return 1 if len(met) > FEW_WANTS and sum(met) == len(met) - 1 else 0


def _likeness(one: Facts, other: Facts) -> int:
    if one.imdb == other.imdb:
        return 0
    if one.directors & other.directors or len(one.actors & other.actors) >= SHARED_ACTORS:
        return 3
    if one.form != other.form:
        return 0
    if other.genres <= one.genres:
        return 2
    near = abs(one.year - other.year) <= APART_YEARS
    return 1 if near and len(one.genres & other.genres) >= SHARED_GENRES else 0
