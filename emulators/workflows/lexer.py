"""Tokens of an expression (spec §3)."""

import re
from dataclasses import dataclass

from emulators.workflows.errors import DefinitionError
from emulators.workflows.values import INTEGERS, Value

PATTERN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<double>\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)
  | (?P<integer>\d+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<symbol>//|<=|>=|==|!=|[-+*/%<>()\[\]{}.,:])
    """,
    re.VERBOSE | re.DOTALL,
)
# Lower or upper case, not mixed: any other spelling is a name.
WORDS = {word: word.lower() for w in ("and", "or", "not", "in") for word in (w, w.upper())}
LITERALS: dict[str, Value] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    "null": None,
}
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
PLAIN_ESCAPES = "\\\"'/"


@dataclass(frozen=True)
class Token:
    """One token: ``kind`` is ``name``, ``literal``, ``symbol`` (operators too) or ``end``."""

    kind: str
    text: str
    value: Value = None


def tokens(text: str) -> list[Token]:
    """Return the tokens of an expression, closed by one of kind ``end``.

    Raises:
        DefinitionError: a character that starts no token, or a malformed literal.
    """
    found, place = [], 0
    while place < len(text):
        match = PATTERN.match(text, place)
        if match is None:
            raise DefinitionError(f"unexpected {text[place]!r} at {place} in expression: {text}")
        place = match.end()
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match.group()))
    return [*found, Token("end", "end of expression")]


def _token(kind: str, text: str) -> Token:
    if kind == "double":
        return Token("literal", text, float(text))
    if kind == "integer":
        return Token("literal", text, _integer(text))
    if kind == "string":
        return Token("literal", text, _string(text))
    if text in WORDS:
        return Token("symbol", WORDS[text])
    if text in LITERALS:
        return Token("literal", text, LITERALS[text])
    return Token(kind, text)


def _integer(text: str) -> int:
    if (value := int(text)) not in INTEGERS:
        raise DefinitionError(f"the integer {text} does not fit 64 bits")
    return value


def _string(text: str) -> str:
    return ESCAPE.sub(_escaped, text[1:-1])


def _escaped(match: re.Match[str]) -> str:
    """Return what an escape stands for; an unknown one is refused (open in the reference)."""
    body = match.group(1)
    if body in PLAIN_ESCAPES:
        return body
    if body[0] == "u" and len(body) > 1:
        return chr(int(body[1:], 16))
    if body in ESCAPES:
        return ESCAPES[body]
    raise DefinitionError(f"unknown escape \\{body} in a string")


def expression_body(scalar: str) -> str | None:
    """Return what stands between ``${`` and its ``}``, or None when the scalar is plain text.

    Text around an expression makes the whole scalar plain: the closing brace must come last.
    """
    text = scalar.strip()
    if not (text.startswith("${") and text.endswith("}")):
        return None
    place = _closing_brace(text)
    return text[2:-1] if place in {None, len(text) - 1} else None


def _closing_brace(text: str) -> int | None:
    """Return the position of the brace that closes ``${``, looking past strings."""
    depth, place = 0, 1
    while place < len(text):
        match = PATTERN.match(text, place)
        symbol = match.group() if match else text[place]
        depth += {"{": 1, "}": -1}.get(symbol, 0)
        if depth == 0:
            return place
        place = match.end() if match else place + 1
    return None
