"""Words that describe: genres, moods, film or series, languages."""

from shared.catalog.values import ContentType
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.lexicon import contents, genres, languages, moods
from shared.search.intent.model import Kind

_NOT_A_NOUN = frozenset(
    {"me", "us", "them", "all", "only", "the", "a", "any", "some", "my", "every"}
)
_ASKS = frozenset({"", "and", "please", "just", "now", "then", "to", "you"})
"""What stands before a verb."""
_SPOKEN = ("in the original", "with", "in", "dubbed in", "spoken in")


def genre(scan: Scan, at: int) -> Match | None:
    """Read genres: "sci-fi", "romantic comedies"."""
    found = genres().at(scan.words, at)
    return None if found is None else scan.found(Kind.GENRE, found[0], (at, found[1]))


def mood(scan: Scan, at: int) -> Match | None:
    """Read a mood: "feel-good", "dark"."""
    found = moods().at(scan.words, at)
    return None if found is None else scan.found(Kind.MOOD, found[0], (at, found[1]), 0.7)


def content(scan: Scan, at: int) -> Match | None:
    """Read film or series; "show me" is neither."""
    found = contents().at(scan.words, at)
    if found is None:
        return None
    word = scan.words[found[1] - 1]
    if word == "show" and (scan.word(at - 1) in _ASKS or scan.word(found[1]) in _NOT_A_NOUN):
        return None
    sure = 0.6 if word == "tv" or found[0] is ContentType.MOVIE else 0.85
    return scan.found(Kind.CONTENT, found[0], (at, found[1]), sure)


def language(scan: Scan, at: int) -> Match | None:
    """Read a language: "in Korean", "Korean dramas", "French films"."""
    cue = scan.follows(at, *_SPOKEN)
    found = languages().at(scan.words, cue or at)
    if found is None:
        return None
    end = scan.follows(found[1], "language", "audio", "dub", "dubbed", "subtitles") or found[1]
    beside = contents().at(scan.words, end) or genres().at(scan.words, end)
    if cue and (end > found[1] or end == len(scan.words)):
        return scan.found(Kind.LANGUAGE, found[0], (at, end), 0.85)
    if beside or end > found[1]:
        return scan.found(Kind.LANGUAGE, found[0], (at, end), 0.6) if not cue else None
    return None


RULES: tuple[Rule, ...] = (genre, language, content, mood)


def descriptions(scan: Scan, at: int) -> Match | None:
    """Read a genre, a language, a kind of title or a mood at a word."""
    return first(scan, at, RULES)
