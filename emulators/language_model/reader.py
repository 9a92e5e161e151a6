"""What stands in for a model: a few rules that read a question, the same every time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = dict[str, Any]
_QUESTION: Final = re.compile(r"<question>\s*(.*?)\s*</question>", re.DOTALL)
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b(?!s)")
_DECADE: Final = re.compile(r"\b((?:19|20)?\d0)s\b")
_LENGTH: Final = re.compile(r"\bunder (?:(\d+) ?min|(\d) ?h)", re.IGNORECASE)
_ABOUT: Final = re.compile(r"\b(?:about|where|with a) ([\w ]+)", re.IGNORECASE)
_LIKE: Final = re.compile(
    r"\b(?:like|remind\w* me of) ([\w' ]+?)(?= but| on| with|,|$)", re.IGNORECASE
)
_PEOPLE: Final = re.compile(r"\b(?:with|by|starring) ([A-Z]\w+ [A-Z]\w+)")
_MOODS: Final = {
    "cozy": "relaxing",
    "funny": "funny",
    "gloomy": "dark",
    "laugh": "funny",
    "scary": "scary",
    "sad": "sad",
    "tense": "intense",
    "weird": "quirky",
}
_CONTENT: Final = {
    "film": "movie",
    "films": "movie",
    "movie": "movie",
    "movies": "movie",
} | dict.fromkeys(("show", "shows", "series"), "series")
_SMALL: Final = frozenset(
    {"a", "an", "and", "but", "for", "from", "in", "of", "on", "or", "that", "the", "to", "with"}
    | {"where", "who"}
)
_GENERIC: Final = frozenset({"plus", "tv", "video"})
_LONGEST_THEME: Final = 3
_THIS_CENTURY: Final = 30
SURE, UNSURE = 0.9, 0.5


def question_in(prompt: str) -> str:
    """Return the question that a prompt carries as a JSON string between its marks.

    A prompt without marks is a question as a whole.
    """
    found = _QUESTION.search(prompt)
    if found is None:
        return prompt
    try:
        said = json.loads(found[1])
    except json.JSONDecodeError:
        return found[1]
    return said if isinstance(said, str) else found[1]


def read(question: str, known: Mapping[str, Iterable[str]]) -> Json:
    """Return a reading of ``question``.

    Args:
        question: As a viewer typed it.
        known: Genres and platforms to choose from, as the answer's schema lists them.
    """
    words = [word.casefold() for word in _WORD.findall(question)]
    found: Json = {
        "intent": _intent(words),
        "mood": [_MOODS[word] for word in words if word in _MOODS],
        "themes": _themes(question),
        "references": [found[1].strip() for found in _LIKE.finditer(question)],
        "people": _PEOPLE.findall(question),
        "filters": _filters(question, words, known),
        "search_text": " ".join(word for word in words if word not in _SMALL),
    }
    said = [value for name, value in found.items() if name not in {"intent", "search_text"}]
    anything = any(said[:-1]) or any(found["filters"].values())
    return {**found, "confidence": SURE if anything else UNSURE}


def _intent(words: list[str]) -> str:
    if {"what", "who", "which"} & set(words[:1]):
        return "trivia"
    return "recommendation" if {"like", "something", "recommend"} & set(words) else "search"


def _themes(question: str) -> list[str]:
    phrases = (found[1].casefold().split() for found in _ABOUT.finditer(question))
    told = ([word for word in phrase if word not in _SMALL] for phrase in phrases)
    return [" ".join(words[:_LONGEST_THEME]) for words in told if words]


def _filters(question: str, words: list[str], known: Mapping[str, Iterable[str]]) -> Json:
    first, last = _years(question)
    return {
        "genres": [name for name in known.get("genres", ()) if _names_genre(name, words)],
        "platforms": [name for name in known.get("platforms", ()) if _names_platform(name, words)],
        "year_from": first,
        "year_to": last,
        "content_type": next((_CONTENT[word] for word in words if word in _CONTENT), None),
        "max_runtime": _minutes(question),
        "free_only": True if "free" in words else None,
    }


def _names_genre(name: str, words: list[str]) -> bool:
    folded = name.casefold()
    return folded in words or f"{folded}s" in words or folded in " ".join(words)


def _names_platform(name: str, words: list[str]) -> bool:
    return bool({part for part in name.split("_") if part not in _GENERIC} & set(words))


def _years(question: str) -> tuple[int | None, int | None]:
    decade = _DECADE.search(question)
    if decade:
        short = int(decade[1])
        start = short if len(decade[1]) > len("90") else _full(short)
        return start, start + 9
    years = [int(year) for year in _YEAR.findall(question)]
    return (min(years), max(years)) if years else (None, None)


def _full(short: int) -> int:
    return 2000 + short if short < _THIS_CENTURY else 1900 + short


def _minutes(question: str) -> int | None:
    found = _LENGTH.search(question)
    if found is None:
        return None
    return int(found[1]) if found[1] else 60 * int(found[2])
