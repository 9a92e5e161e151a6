"""Questions of our own with a label per word, made of templates, for a tagger to learn from."""

import random

from shared.search.intent.training.batches import Sentence

ACTORS = (
    "tom hanks",
    "meg ryan",
    "al pacino",
    "cate blanchett",
    "denzel washington",
    "uma thurman",
)
TITLES = ("heat", "the third man", "ronin", "out of africa", "rear window", "paris texas")
GENRES = ("comedy", "western", "film noir", "horror", "science fiction")
PLOTS = ("a lost dog", "time travel", "a bank robbery", "growing up in berlin")
TEMPLATES = (
    "show me a {GENRE} with {ACTOR}",
    "which {GENRE} films star {ACTOR} and {ACTOR}",
    "when did {TITLE} come out",
    "a movie about {PLOT}",
    "is there a {GENRE} film about {PLOT} starring {ACTOR}",
    "play the trailer of {TITLE}",
)
NAMES = {"ACTOR": ACTORS, "TITLE": TITLES, "GENRE": GENRES, "PLOT": PLOTS}


def made(count: int, *, seed: int = 1) -> list[Sentence]:
    """Return questions; the same seed gives the same ones."""
    generator = random.Random(seed)
    return [_filled(generator.choice(TEMPLATES), generator) for _ in range(count)]


def _filled(template: str, generator: random.Random) -> Sentence:
    words: list[str] = []
    labels: list[str] = []
    for part in template.split():
        slot = part.strip("{}")
        name = generator.choice(NAMES[slot]).split() if slot in NAMES else [part]
        words += name
        labels += ["O"] if slot == part else [f"B-{slot}", *[f"I-{slot}"] * (len(name) - 1)]
    return tuple(words), tuple(labels)


def written(sentences: list[Sentence]) -> str:
    """Return questions as a file has them."""
    return "\n".join("".join(f"{w}\t{t}\n" for w, t in zip(*one, strict=True)) for one in sentences)
