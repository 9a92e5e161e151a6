"""Names of people: after words that announce them, and wherever the vocabulary knows them."""

from shared.search.intent.grammar.descriptions import descriptions
from shared.search.intent.grammar.scan import Match, Scan
from shared.search.intent.lexicon import noise, words_of
from shared.search.intent.model import Kind, Person, Role

LONGEST_NAME = 4
_STRONG: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (
        Role.DIRECTOR,
        (
            "directed by",
            "from director",
            "by director",
            "the director",
            "director",
        ),
    ),
    (Role.WRITER, ("written by", "screenplay by", "created by", "from the creator of", "creator")),
    (
        Role.ACTOR,
        (
            "starring",
            "starred",
            "starring actor",
            "stars",
            "featuring",
            "acted by",
            "played by",
            "with actor",
            "with actress",
            "the actor",
            "the actress",
            "actor",
            "actress",
            "cast by",
        ),
    ),
)
_WEAK: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (Role.ACTOR, ("with",)),
    (Role.ANY, ("by", "from", "has")),
)
_NAMELESS = noise() | words_of("nameless")
_JOINS = ("and", "or", "plus", "both", "either")


def people(scan: Scan, at: int) -> Match | None:
    """Read somebody's name: after a cue, or as the vocabulary knows it."""
    for role, cues in _STRONG:
        start = scan.follows(at, *cues)
        if start:
            return _named(scan, at, start + (scan.word(start) in _JOINS), role)
    for role, cues in _WEAK:
        start = scan.follows(at, *cues)
        if start:
            return _known(scan, at, start + (scan.word(start) in {"both", "either"}), role)
    return _known(scan, at, at, Role.ANY)


def joined(scan: Scan, at: int, role: Role) -> Match | None:
    """Read a further name of a list: "and George Clooney"."""
    if scan.word(at) not in _JOINS and not _comma_before(scan, at):
        return None
    start = at + (scan.word(at) in _JOINS)
    match = _known(scan, at, start, role)
    return match or (_named(scan, at, start, role) if _written_as_name(scan, start) else None)


def _comma_before(scan: Scan, at: int) -> bool:
    if not 0 < at < len(scan.tokens):
        return False
    between = scan.text[scan.tokens[at - 1].span.end : scan.tokens[at].span.start]
    return "," in between


def _known(scan: Scan, at: int, start: int, role: Role) -> Match | None:
    """Read the longest name that the vocabulary has; one word alone needs a cue."""
    least = 1 if start > at else 2
    for length in range(min(LONGEST_NAME, len(scan.words) - start), least - 1, -1):
        name = scan.vocabulary.person(" ".join(scan.words[start : start + length]))
        if name is not None:
            return scan.named(Kind.PERSON, Person(name, role), (at, start, start + length), 0.95)
    return _capitals(scan, at, start, role) if start > at else None


def _named(scan: Scan, at: int, start: int, role: Role) -> Match | None:
    """Read the name after words that leave no doubt that one follows."""
    known = _known(scan, at, start, role)
    if known is not None:
        return known
    end = _end_of_name(scan, start, LONGEST_NAME if _written_as_name(scan, start) else 2)
    if end == start:
        return None
    name = Person(scan.given(start, end), role)
    return scan.named(Kind.PERSON, name, (at, start, end), 0.6)


def _capitals(scan: Scan, at: int, start: int, role: Role) -> Match | None:
    """Read a name that nobody knows by how it is written: "with Toni Servillo"."""
    if scan.text.isupper() or not _written_as_name(scan, start):
        return None
    end = start
    while end < start + LONGEST_NAME and _written_as_name(scan, end):
        end += 1
    if end - start < 2:  # noqa: PLR2004 - a name in full
        return None
    name = Person(scan.given(start, end), role)
    return scan.named(Kind.PERSON, name, (at, start, end), 0.6)


def _end_of_name(scan: Scan, start: int, longest: int) -> int:
    end = start
    while end < min(len(scan.words), start + longest) and _can_be_of_a_name(scan, end):
        if end > start and _comma_before(scan, end):
            break
        end += 1
    return end


def _can_be_of_a_name(scan: Scan, at: int) -> bool:
    word = scan.words[at]
    if word in _NAMELESS or word[:1].isdecimal():
        return False
    return _written_as_name(scan, at) or descriptions(scan, at) is None


def _written_as_name(scan: Scan, at: int) -> bool:
    if not 0 <= at < len(scan.tokens) or scan.words[at] in noise():
        return False
    return scan.text[scan.tokens[at].span.start].isupper()
