"""What the catalog knows by name, for rules that cannot tell a name from words."""

from collections.abc import Iterable
from typing import Protocol

from shared.kernel.text import fold


class Vocabulary(Protocol):
    """Names of the catalog, asked for by their folded words; each call is one look-up."""

    def title(self, words: str) -> str | None:
        """Return the title that ``words`` name whole, as the catalog writes it."""

    def person(self, words: str) -> str | None:
        """Return the person that ``words`` name whole, as the catalog writes it."""


class Names:
    """`Vocabulary` of names in memory; of two that fold alike the first counts."""

    def __init__(self, titles: Iterable[str] = (), people: Iterable[str] = ()) -> None:
        self._titles = _folded(titles)
        self._people = _folded(people)

    def title(self, words: str) -> str | None:
        """Return the title that ``words`` name whole, as the catalog writes it."""
        return self._titles.get(words)

    def person(self, words: str) -> str | None:
        """Return the person that ``words`` name whole, as the catalog writes it."""
        return self._people.get(words)


def _folded(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(fold(name), name)
    return found


NO_NAMES = Names()
"""A catalog of which nothing is known."""
