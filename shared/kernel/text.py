"""Folding of text: one way of writing for what is stored and for what is asked."""

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_ARTICLES = re.compile(r"^(?:the|a|an|le|la|les|l|el|los|las|der|die|das|il|lo|gli|o|os|as) (?=\S)")
_YEAR_SUFFIX = re.compile(r"\s*[(\[](?:1[89]|20)\d\d[)\]]\s*$")
_SEASON = re.compile(r"\b(?:season|series|volume|vol|part|saison|staffel|temporada) ?(\d+)\b")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# ASCII in lower case, a blank for all but letters and digits: a quarter of what `re` takes.
_AS_WORDS = bytes(ord(chr(n).lower()) if chr(n).isalnum() else ord(" ") for n in range(128))
_AS_WORDS += bytes(range(128, 256))


def clean(text: str) -> str:
    """Return ``text`` in NFC, without control characters, white space collapsed."""
    if text.isprintable() and "  " not in text:  # as nearly all is: nothing to collapse or remove
        return unicodedata.normalize("NFC", text).strip()
    return _SPACES.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def fold(text: str) -> str:
    """Return ``text`` as words for comparison: compatibility forms, no case, no accents.

    Scripts other than Latin keep their letters; everything that is no letter, digit or mark
    becomes one space. Folding twice is folding once.
    """
    if text.isascii():
        spelled = text.replace("&", " and ").encode().translate(_AS_WORDS, b"'")
        return " ".join(spelled.decode().split())
    return _fold_unicode(text)


def _fold_unicode(text: str) -> str:
    spelled = text.replace("&", " and ").replace("'", "").replace("’", "")
    # Twice, since compatibility forms hide capitals and quotes, and folding makes new marks.
    unfolded = unicodedata.normalize("NFKD", spelled)
    decomposed = unicodedata.normalize("NFKD", unfolded.casefold())
    kept = "".join(c for c in decomposed if not _is_latin_mark(c))
    folded = unicodedata.normalize("NFKC", kept).replace("ø", "o").replace("æ", "ae")
    folded = folded.replace("œ", "oe").replace("ł", "l").replace("đ", "d").replace("ð", "d")
    return " ".join("".join(map(_word_part, folded.replace("þ", "th"))).split())


def _word_part(character: str) -> str:
    """Return a letter, digit or mark as it is, anything else as a space."""
    # Marks are no word characters to `re`, yet they spell the vowels of Indic and Thai words.
    is_part = character.isalnum() or unicodedata.category(character).startswith("M")
    return character if is_part else " "


def _is_latin_mark(character: str) -> bool:
    """Tell combining marks of the general block; marks that spell Indic or Thai words stay."""
    return "\u0300" <= character <= "\u036f"


@lru_cache(maxsize=65536)
def title_key(title: str) -> str:
    """Return the form under which two spellings of one title meet.

    Beyond `fold`: a year in brackets at the end, a leading article and the word before a part's
    number go; Roman numerals from II become digits. A title made of nothing else stays as it is
    (``The The`` keeps its second word).
    """
    folded = fold(_YEAR_SUFFIX.sub("", title)) or fold(title) or clean(title).lower()
    arabic = " ".join(_ROMAN.get(word, word) for word in folded.split())
    numbered = _SEASON.sub(r"\1", arabic)
    return _ARTICLES.sub("", numbered) or numbered


def words(text: str) -> list[str]:
    """Return the folded words of ``text``, in order, with repetitions."""
    return fold(text).split()
