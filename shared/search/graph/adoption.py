"""Which titles belong to a franchise whose name they do not bear, by who and what is in them.

``The Empire Strikes Back`` has neither word of ``Star Wars``, and is it all the same to whoever
asks. Two titles of the franchise must vouch for it, each by rare players *and* rare themes: a star
alone is in many films, and a theme of its own makes no sequel.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.kernel.text import title_key
from shared.search.graph.franchise import stem
from shared.search.graph.sharing import Sharing

LEAST_CAST = 0.15
LEAST_THEMES = 0.05
LEAST_BOTH = 0.28
"""Of what two titles share (`Sharing`), from which one vouches for the other."""
LEAST_WITNESSES = 2


class Membership(NamedTuple):
    """What a title belongs to.

    Attributes:
        franchise: Place of the first of its titles; None where the title stands alone.
        called: The folded name that it is also asked for by, None where its own says it, or where
            no name is borne by two titles of the franchise.
    """

    franchise: int | None
    called: str | None = None


def memberships(
    titles: Sequence[str], found: Sequence[int | None], cast: Sharing, themes: Sharing
) -> list[Membership]:
    """Return what each title belongs to, for which nobody of its own name may vouch.

    Args:
        titles: Titles.
        found: By title, its franchise as `shared.search.graph.franchise.franchises` has it.
        cast: What titles share of players.
        themes: What they share of themes.
    """
    names = _names(titles, found)
    joined = list(map(Membership, found))
    for place, franchise in enumerate(found):
        own = _vouched(place, found, cast, themes)
        if own is not None and own != franchise:
            name = names.get(own)
            says = name is None or f" {name} " in f" {title_key(titles[place])} "
            joined[place] = Membership(
                own if franchise is None else franchise, None if says else name
            )
    return joined


def _vouched(place: int, found: Sequence[int | None], cast: Sharing, themes: Sharing) -> int | None:
    """Return the franchise that most is said for by titles enough; None where there is none."""
    said: dict[int, list[float]] = defaultdict(list)
    for other, both in _alike(place, cast, themes):
        if (franchise := found[other]) is not None:
            said[franchise].append(both)
    if found[place] in said:
        return found[place]
    enough = {f: sum(of) for f, of in said.items() if len(of) >= LEAST_WITNESSES}
    return min(enough, key=lambda franchise: (-enough[franchise], franchise), default=None)


def _alike(place: int, cast: Sharing, themes: Sharing) -> Iterator[tuple[int, float]]:
    """Yield the titles that have enough of both in common with one, and how much of both."""
    others, players = cast.strengths(place)
    close = players >= LEAST_CAST
    if not close.any():
        return
    strength_of = dict(zip(*(of.tolist() for of in themes.strengths(place)), strict=True))
    for other, shared in zip(others[close].tolist(), players[close].tolist(), strict=True):
        theme = strength_of.get(other, 0.0)
        if theme >= LEAST_THEMES and shared + theme >= LEAST_BOTH:
            yield other, shared + theme


def _names(titles: Sequence[str], found: Sequence[int | None]) -> dict[int, str]:
    """Return the name that most titles of each franchise bear, the first of equals, if two do."""
    borne: dict[int, Counter[str]] = defaultdict(Counter)
    for title, franchise in zip(titles, found, strict=True):
        if franchise is not None and (name := stem(title)):
            borne[franchise][name] += 1
    most = {franchise: of.most_common(1)[0] for franchise, of in borne.items()}
    return {f: name for f, (name, count) in most.items() if count >= LEAST_WITNESSES}
