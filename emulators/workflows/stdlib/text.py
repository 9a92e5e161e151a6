"""``text``: strings, bytes and RE2 patterns."""

import re
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote

import re2

from emulators.workflows.errors import index_error, value_error
from emulators.workflows.stdlib.registry import bytes_of, function, integer_of, text_of
from emulators.workflows.values import Value, checked_string

REFERENCE = re.compile(r"\\([0-9\\])")


@function("text.decode", "data", charset="UTF-8")
def decode(data: Value, charset: Value) -> str:
    """Return the string of bytes in a character set."""
    try:
        return bytes_of(data, "text.decode: data").decode(text_of(charset, "text.decode: charset"))
    except (LookupError, UnicodeError) as error:
        raise value_error(f"text.decode: {error}") from error


@function("text.encode", "text", charset="UTF-8")
def encode(text: Value, charset: Value) -> bytes:
    """Return the bytes of a string in a character set."""
    try:
        return text_of(text, "text.encode: text").encode(text_of(charset, "text.encode: charset"))
    except (LookupError, UnicodeError) as error:
        raise value_error(f"text.encode: {error}") from error


@function("text.find_all", "source", "substr")
def find_all(source: Value, substr: Value) -> Value:
    """Return the start indexes of a substring; matches do not overlap (open)."""
    text, part = text_of(source, "text.find_all: source"), text_of(substr, "text.find_all: substr")
    return [match.start() for match in re.finditer(re.escape(part), text)]


@function("text.find_all_regex", "source", "regexp")
def find_all_regex(source: Value, regexp: Value) -> Value:
    """Return index and text of every leftmost-longest match, in order."""
    matches = pattern(regexp, longest=True).finditer(text_of(source, "text.find_all_regex: source"))
    return [{"index": match.start(), "match": match.group()} for match in matches]


@function("text.match_regex", "source", "regexp")
def match_regex(source: Value, regexp: Value) -> bool:
    """Tell whether a pattern matches anywhere."""
    found = pattern(regexp).search(text_of(source, "text.match_regex: source"))
    return found is not None


@function("text.replace_all", "source", "substr", "repl")
def replace_all(source: Value, substr: Value, repl: Value) -> str:
    """Return the string with every occurrence of a substring replaced."""
    text, part = text_of(source, "text.replace_all: source"), text_of(substr, "substr")
    return checked_string(text.replace(part, text_of(repl, "text.replace_all: repl")))


@function("text.replace_all_regex", "source", "regexp", "repl")
def replace_all_regex(source: Value, regexp: Value, repl: Value) -> str:
    r"""Return the string with every match replaced; ``\0`` to ``\9`` in ``repl`` are its groups."""
    text = text_of(source, "text.replace_all_regex: source")
    replacement = text_of(repl, "text.replace_all_regex: repl")
    pieces, end = [], 0
    for match in pattern(regexp).finditer(text):
        pieces += [text[end : match.start()], _expanded(replacement, match)]
        end = match.end()
    return checked_string("".join([*pieces, text[end:]]))


def _expanded(replacement: str, match: re.Match[str]) -> str:
    groups = (match.group(), *match.groups())

    def group(reference: re.Match[str]) -> str:
        if reference[1] == "\\":
            return "\\"
        if int(reference[1]) >= len(groups):
            raise value_error(f"text.replace_all_regex: the pattern has no group {reference[1]}")
        return groups[int(reference[1])] or ""

    return REFERENCE.sub(group, replacement)


@function("text.split", "source", "separator")
def split(source: Value, separator: Value) -> Value:
    """Return the parts between separators; an empty separator yields the characters (open)."""
    text = text_of(source, "text.split: source")
    between = text_of(separator, "text.split: separator")
    return list(text.split(between) if between else text)


@function("text.substring", "source", "start", "end")
def substring(source: Value, start: Value, end: Value) -> str:
    """Return the characters from ``start`` up to but not including ``end``."""
    text = text_of(source, "text.substring: source")
    first = integer_of(start, "text.substring: start")
    last = integer_of(end, "text.substring: end")
    if not 0 <= first <= last <= len(text):
        raise index_error(f"text.substring: no range {first} to {last} in {len(text)} characters")
    return text[first:last]


@function("text.to_lower", "source")
def to_lower(source: Value) -> str:
    """Return the string in lower case."""
    return text_of(source, "text.to_lower: source").lower()


@function("text.to_upper", "source")
def to_upper(source: Value) -> str:
    """Return the string in upper case."""
    return text_of(source, "text.to_upper: source").upper()


@function("text.url_encode", "source")
def url_encode(source: Value) -> str:
    """Return the string percent-encoded, spaces as ``%20``."""
    return quote(text_of(source, "text.url_encode: source"), safe="")


@function("text.url_encode_plus", "source")
def url_encode_plus(source: Value) -> str:
    """Return the string percent-encoded, spaces as ``+``."""
    return quote_plus(text_of(source, "text.url_encode_plus: source"))


@function("text.url_decode", "source")
def url_decode(source: Value) -> str:
    """Return the string with percent-encoding undone."""
    text = text_of(source, "text.url_decode: source")
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise value_error(f"text.url_decode: malformed escape in {text!r}")
    return unquote(text)


def pattern(regexp: Value, *, longest: bool = False) -> re.Pattern[str]:
    """Return a compiled RE2 pattern.

    Raises:
        WorkflowError: ValueError when the syntax is not RE2's.
    """
    return _compiled(text_of(regexp, "text: regexp"), longest)


@lru_cache(maxsize=256)
def _compiled(regexp: str, longest: bool) -> re.Pattern[str]:
    options = re2.Options()
    options.longest_match, options.log_errors = longest, False
    try:
        # RE2's own objects have the interface of `re`.
        compiled: re.Pattern[str] = re2.compile(regexp, options=options)
    except re2.error as error:
        raise value_error(f"not a regular expression: {regexp!r}") from error
    return compiled
