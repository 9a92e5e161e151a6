"""Subscription filters (https://cloud.google.com/pubsub/docs/subscription-message-filter)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Predicate = Callable[[Mapping[str, str]], bool]

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][\w\-/]*)|(!=|[=:.(),\-]))')
_ESCAPE = re.compile(r"\\(.)")
_MAX_LENGTH = 256


def compile_filter(expression: str) -> Predicate:
    """Return the function that says whether a message of these attributes is delivered.

    AND and OR may not be mixed without parentheses, as in the real service.

    Raises:
        EmulatorError: INVALID_ARGUMENT, when the expression does not follow the grammar.
    """
    if len(expression) > _MAX_LENGTH:
        raise errors.invalid_argument(f"The filter is longer than {_MAX_LENGTH} characters.")
    if not expression.strip():
        return lambda _attributes: True
    return _Parser(expression).parse()


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = self._split(expression)

    def parse(self) -> Predicate:
        found = self._terms()
        if self._tokens:
            raise self._invalid(self._tokens[0])
        return found

    def _split(self, expression: str) -> list[str]:
        tokens, at = [], 0
        while expression[at:].strip():
            found = _TOKEN.match(expression, at)
            if found is None:
                raise self._invalid(expression[at:].strip()[0])
            tokens.append(found[0].strip())
            at = found.end()
        return tokens

    def _terms(self) -> Predicate:
        parts = [self._factor()]
        operator = self._peek()
        while operator in {"AND", "OR"} and self._peek() == operator:
            self._take()
            parts.append(self._factor())
        if operator == "OR":
            return lambda attributes: any(part(attributes) for part in parts)
        return lambda attributes: all(part(attributes) for part in parts)

    def _factor(self) -> Predicate:
        if self._peek() in {"NOT", "-"}:
            self._take()
            inner = self._factor()
            return lambda attributes: not inner(attributes)
        if self._peek() == "(":
            self._take()
            inner = self._terms()
            self._take(")")
            return inner
        return self._prefix() if self._peek() == "hasPrefix" else self._comparison()

    def _prefix(self) -> Predicate:
        for expected in ("hasPrefix", "(", "attributes", "."):
            self._take(expected)
        key = self._word()
        self._take(",")
        prefix = self._literal()
        self._take(")")
        return lambda attributes: attributes.get(key, "").startswith(prefix) and key in attributes

    def _comparison(self) -> Predicate:
        self._take("attributes")
        if self._peek() == ":":
            self._take()
            present = self._word()
            return lambda attributes: present in attributes
        self._take(".")
        key, operator = self._word(), self._take()
        if operator not in {"=", "!="}:
            raise self._invalid(operator)
        value = self._literal()
        if operator == "=":
            return lambda attributes: attributes.get(key) == value
        return lambda attributes: attributes.get(key) != value

    def _word(self) -> str:
        token = self._take()
        if token.startswith('"'):
            return _unquoted(token)
        if not (token[0].isalpha() or token[0] == "_"):
            raise self._invalid(token)
        return token

    def _literal(self) -> str:
        token = self._take()
        if not token.startswith('"'):
            raise self._invalid(token)
        return _unquoted(token)

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, expected: str = "") -> str:
        if not self._tokens or (expected and self._tokens[0] != expected):
            raise self._invalid(self._peek() or "the end")
        return self._tokens.pop(0)

    def _invalid(self, where: str) -> errors.EmulatorError:
        return errors.invalid_argument(
            f"Invalid filter expression {self._expression!r}: {where} was not expected."
        )


def _unquoted(token: str) -> str:
    return _ESCAPE.sub(r"\1", token[1:-1])
