"""Synopses of our own, composed from a title's facts by a small template grammar.

Nothing of a title's real plot is known here: genre, place, decade, cast and words of the title
choose what is said.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

Phrases = Mapping[str, Sequence[str]]

VOCABULARY: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8")
)
OPENINGS: Final = (
    "In {place}, {hero} {deed}.",
    "{place}: {hero} {deed}.",
    "When {trouble}, {hero} from {place} {deed}.",
    "Somewhere in {setting}, {hero} {deed}.",
    "In {setting}, {hero} {deed}.",
    "Against the backdrop of {setting}, {hero} {deed}.",
    "It begins in {setting}: {hero} {deed}.",
)
TURNS: Final = (
    "Then {turn}, and {stake}.",
    "But {turn}, and {stake}.",
    "{turn}, and soon {stake}.",
    "Before long {turn}; {stake}.",
    "Once {turn}, {stake}.",
)
CREDITS: Final = (
    "{cast} lead this {mood} {nation} {label} {form} of the {decade}s{by}.",
    "With {cast}, the {decade}s {label} {form}{by} stays {mood} to the end.",
    "{article} {mood} {decade}s {label} {form} with {cast}{by}.",
    "{cast} star in {article_lower} {mood} {nation} {label} {form}{by}.",
)
UNCREDITED: Final = (
    "{article} {mood} {nation} {label} {form} of the {decade}s{by}.",
    "This {nation} {label} {form} of the {decade}s{by} is {mood} from the start.",
)


@dataclass(frozen=True)
class Facts:
    """What a synopsis may speak of."""

    title: str
    show_type: str
    year: int
    genres: Sequence[str]
    countries: Sequence[str]
    cast: Sequence[str]
    directors: Sequence[str]


def synopsis(facts: Facts, random: Random) -> str:
    """Return two to four sentences; equal facts and random state give equal words."""
    first, second = main_genres(facts.genres)
    cue = title_cue(facts)
    words = {
        "hero": random.choice(first["heroes"]),
        "deed": random.choice(first["deeds"]),
        "trouble": random.choice(first["troubles"]),
        "turn": random.choice(second["troubles"]),
        "stake": random.choice(VOCABULARY["any"]["stakes"]),
        "place": random.choice(places(facts.countries)),
        "setting": cue["setting"] if cue else random.choice(first["settings"]),
    }
    opening = random.choice([o for o in OPENINGS if not cue or "{setting}" in o])
    parts = [opening.format(**words)]
    if words["turn"] != words["trouble"] or "{trouble}" not in opening:
        parts.append(random.choice(TURNS).format(**words))
    parts.append(credit(facts, random, first=first, second=second))
    parts.append(closing(random, first=first, second=second, cue=cue))
    return " ".join(capital(part) for part in parts)


def main_genres(genres: Sequence[str]) -> tuple[Phrases, Phrases]:
    """Return the words of the first two genres we have words for; drama stands in."""
    known = [VOCABULARY[genre] for genre in genres if genre in VOCABULARY] or [VOCABULARY["drama"]]
    return known[0], known[min(1, len(known) - 1)]


def title_cue(facts: Facts) -> Mapping[str, str] | None:
    """Return the setting and theme a word of the title suggests, where the genre agrees."""
    words = set(facts.title.lower().replace(":", " ").replace(",", " ").split())
    for cue in VOCABULARY["cues"]:
        if words & set(cue["words"]) and set(facts.genres) & set(cue["genres"]):
            return {"setting": cue["setting"], "theme": cue["theme"]}
    return None


def places(countries: Sequence[str]) -> list[str]:
    """Return places of the first country we know places in."""
    known: dict[str, list[str]] = VOCABULARY["places"]
    return next((known[country] for country in countries if country in known), known["ZZ"])


def credit(facts: Facts, random: Random, *, first: Phrases, second: Phrases) -> str:
    """Return the sentence about who made it, when and in which mood."""
    mood = random.choice(first["moods"])
    cast = facts.cast[: random.choice((2, 3))]
    article = "An" if mood[0] in "aeiou" else "A"
    template = random.choice(CREDITS if len(cast) > 1 else UNCREDITED)
    sentence = template.format(
        cast=" and ".join(filter(None, (", ".join(cast[:-1]), cast[-1]))) if cast else "",
        mood=mood,
        nation=nation(facts.countries),
        label=label(first, second),
        form="film" if facts.show_type == "movie" else "series",
        decade=facts.year // 10 * 10,
        by=f" from director {facts.directors[0]}" if facts.directors else "",
        article=article,
        article_lower=article.lower(),
    )
    return " ".join(sentence.split())


def label(first: Phrases, second: Phrases) -> str:
    """Return what kind of film or series it is, in one or two genres."""
    names = dict.fromkeys((str(second["label"]), str(first["label"])))
    return " ".join(names)


def nation(countries: Sequence[str]) -> str:
    """Return the adjective of the first country we know one for."""
    known: dict[str, str] = VOCABULARY["nations"]
    return next((known[country] for country in countries if country in known), "international")


def closing(
    random: Random, *, first: Phrases, second: Phrases, cue: Mapping[str, str] | None
) -> str:
    """Return the sentence about what it is about."""
    theme = cue["theme"] if cue else random.choice(first["themes"])
    other = random.choice([t for t in second["themes"] if t not in theme and theme not in t])
    template: str = random.choice(VOCABULARY["any"]["closings"])
    return template.format(theme=theme, Theme=capital(theme), other=other)


def capital(text: str) -> str:
    """Return ``text`` with its first letter in upper case."""
    return text[:1].upper() + text[1:]
