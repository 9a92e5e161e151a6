"""Whether a question is meant as a title's name: what its words are to the titles that have them.

Words that are most of a name were written as a name; words that are one of five in it happen to
be there. ``harry potter`` is the whole name of eight films whose subtitles are longer, and
``maximus`` a fifth of `The Legend of Awesomest Maximus`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.kernel.text import fold, title_key
from shared.search.graph.franchise import stem
from shared.search.ports import Candidate, Hit


def is_name(asked: str, title: str) -> bool:
    """Tell whether the words asked for are half of a title's name or more, one after the other.

    A title has its name without subtitle and number, what follows that, and both together; the
    first of them that has the words counts.
    """
    key, whole, short = title_key(asked), title_key(title), stem(title)
    names = (short, whole.removeprefix(short).strip(), whole)
    name = next((name for name in names if key and _has(name, key)), "")
    return bool(name) and 2 * len(key.split()) >= len(name.split())


def as_meant(
    asked: str, candidates: Sequence[Candidate], hits: Mapping[str, Hit]
) -> Mapping[str, Hit]:
    """Return the hits with the marks that hold for what is meant.

    Where the words are the name of no title, none of them has a phrase to speak of. Where an
    article was written that a title of this name has, a title that has another or none is not
    exactly what was asked for; who leaves it out (``godfather``) has said nothing about it.

    Args:
        asked: The words that were looked for.
        candidates: The titles found.
        hits: By title, with what words alone say.
    """
    found = [(each, hit) for each in candidates if (hit := hits.get(each.id))]
    exact = [each for each, hit in found if hit.exact]
    phrased = [each for each, hit in found if hit.phrase]
    if not exact and not any(is_name(asked, each.title) for each in phrased):
        return {**hits, **{each.id: replace(hits[each.id], phrase=False) for each in phrased}}
    others = _otherwise_written(asked, exact)
    return {**hits, **{id_: replace(hits[id_], exact=False) for id_ in others}}


def _otherwise_written(asked: str, exact: Sequence[Candidate]) -> list[str]:
    """Return the titles whose own name is what was asked for but for the article that was written.

    A title that goes by what was asked for as another of its names is none of them.
    """
    key, words = title_key(asked), fold(asked).split()
    if len(words) < 2 or title_key(" ".join(words[1:])) != key:  # noqa: PLR2004 - the article alone
        return []
    named = [each for each in exact if title_key(each.title) == key]
    others = [each.id for each in named if fold(each.title).split()[:1] != words[:1]]
    return others if len(others) < len(named) else []


def _has(name: str, words: str) -> bool:
    return f" {words} " in f" {name} "
