"""The words that rules look for: from ``words.json`` and from the product's own configuration.

Phrases are looked up longest first, so "romantic comedy" is never a romance and a comedy apart.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson

from shared.catalog.genres import map_genres
from shared.catalog.languages import bcp47
from shared.catalog.platforms import configuration
from shared.catalog.services import fold_name
from shared.catalog.values import ContentType

T = TypeVar("T")


class Phrases(Generic[T]):
    """Phrases and what each of them says."""

    def __init__(self, meanings: Mapping[str, T]) -> None:
        self._meanings = meanings
        self._longest: dict[str, int] = {}
        for phrase in meanings:
            first, *others = phrase.split()
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))

    def at(self, words: list[str], start: int) -> tuple[T, int] | None:
        """Return what the longest phrase that begins at ``start`` says, and where it ends."""
        if start >= len(words):
            return None
        longest = self._longest.get(words[start], 0)
        for end in range(min(start + longest, len(words)), start, -1):
            meaning = self._meanings.get(" ".join(words[start:end]))
            if meaning is not None:
                return meaning, end
        return None

    def words(self) -> frozenset[str]:
        """Return the words of all phrases."""
        return frozenset(word for phrase in self._meanings for word in phrase.split())

    def items(self) -> Iterable[tuple[str, T]]:
        """Return every phrase with what it says."""
        return self._meanings.items()


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = orjson.loads((Path(__file__).parent / "words.json").read_bytes())
    return found


def _read(part: str, value: Callable[[str], T]) -> dict[str, T]:
    return {phrase: value(name) for name, phrases in _words()[part].items() for phrase in phrases}


@cache
def genres() -> Phrases[tuple[str, ...]]:
    """Return genres of the taxonomy by what they are called."""
    return Phrases(_read("genres", lambda name: map_genres((name,)).genres))


@cache
def moods() -> Phrases[str]:
    """Return moods by the words for them."""
    return Phrases(_read("moods", str))


@cache
def contents() -> Phrases[ContentType]:
    """Return content types by the words for them."""
    return Phrases(_read("content", ContentType))


@cache
def languages() -> Phrases[str]:
    """Return BCP 47 tags by the names of languages."""
    return Phrases(_read("languages", lambda code: bcp47(code) or code))


@cache
def platforms() -> Phrases[str]:
    """Return platform ids by every name of a service that is one, and by what viewers say."""
    names = {
        fold_name(name): str(entry["id"])
        for entry in configuration()
        for service in entry.get("services", ())
        for name in (*service["names"], entry["name"])
    }
    return Phrases({**_read("platforms", str), **names})


@cache
def regions() -> Phrases[str]:
    """Return countries that have names of their own in questions."""
    return Phrases(_read("regions", str))


def needs_a_cue() -> frozenset[str]:
    """Return names of platforms that are common words too, or name a studio."""
    return words_of("needs_a_cue")


@cache
def words_of(part: str) -> frozenset[str]:
    """Return a plain list of ``words.json``."""
    return frozenset(_words()[part])


def question_words() -> frozenset[str]:
    """Return the words of everything that is looked for here."""
    looked_for = (genres(), moods(), contents(), languages(), platforms(), regions())
    return frozenset[str]().union(*(each.words() for each in looked_for))


def noise() -> frozenset[str]:
    """Return words that only ask."""
    return words_of("noise")


def title_words() -> frozenset[str]:
    """Return those words that only ask which begin names as well ("the", "good", "my")."""
    return words_of("title_words")
