"""The grammar of expressions: recursive descent with the precedence table of spec §3."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from emulators.workflows.errors import DefinitionError
from emulators.workflows.lexer import Token, expression_body, tokens
from emulators.workflows.syntax import (
    Binary,
    Invoke,
    ListNode,
    Literal,
    Logical,
    MapNode,
    Member,
    Name,
    Node,
    Target,
    Unary,
)
from emulators.workflows.values import Value

MAX_CHARACTERS = 400
MAX_DEPTH = 60  # of parentheses and the like: bounds the parser's own stack
# Larger binds tighter. `not` binds tighter than unary minus, and both tighter than these.
PRECEDENCE: Mapping[str, int] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "//", "%"), 5),
}


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Node:
    """Return the tree of one expression, given without ``${`` and ``}``.

    Raises:
        DefinitionError: the text is no expression, or longer than 400 characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise DefinitionError(
            f"an expression is longer than {MAX_CHARACTERS} characters: {text[:60]}…"
        )
    parser = _Parser(text)
    tree = parser.expression()
    parser.expect("end")
    return tree


def parse_target(text: str) -> Target:
    """Return the place an assignment's key names: ``x``, ``x.key``, ``x[i].y["z"]``.

    Raises:
        DefinitionError: the text is not a variable with members.
    """
    node, path = parse_expression(text.strip()), []
    while isinstance(node, Member):
        path.append(node.key)
        node = node.base
    if not isinstance(node, Name):
        raise DefinitionError(f"cannot assign to {text!r}: it is not a variable")
    return Target(node.name, tuple(reversed(path)))


def parse_template(value: Value) -> Node:
    """Return the tree of a field whose scalars, also in nested lists and maps, may be ``${...}``.

    A map key may be an expression too. What holds no expression becomes one literal.
    """
    if isinstance(value, str):
        body = expression_body(value)
        return Literal(value) if body is None else parse_expression(body)
    if isinstance(value, list):
        return _folded_list([parse_template(item) for item in value])
    if isinstance(value, dict):
        return _folded_map([(parse_template(k), parse_template(v)) for k, v in value.items()])
    return Literal(value)


def _folded_list(items: Sequence[Node]) -> Node:
    literals = [item.value for item in items if isinstance(item, Literal)]
    return Literal(literals) if len(literals) == len(items) else ListNode(tuple(items))


def _folded_map(entries: Sequence[tuple[Node, Node]]) -> Node:
    literals = {
        key.value: value.value
        for key, value in entries
        if isinstance(key, Literal) and isinstance(value, Literal) and isinstance(key.value, str)
    }
    return Literal(literals) if len(literals) == len(entries) else MapNode(tuple(entries))


class _Parser:
    """Reads one expression; each method consumes what it returns."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._place = 0
        self._depth = 0

    def expect(self, symbol: str) -> Token:
        token = self._next()
        if symbol not in {token.kind, token.text} or token.kind == "literal":
            raise self._unexpected(token)
        return token

    def expression(self, least: int = 1) -> Node:
        """Read operators that bind at least as tightly as ``least``; equals group to the left."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DefinitionError(f"an expression is nested too deeply: {self._text[:60]}…")
        left = self._unary()
        while (precedence := self._binding()) >= least:
            operator = self._next().text
            kind = Logical if operator in {"and", "or"} else Binary
            left = kind(operator, left, self.expression(precedence + 1))
        self._depth -= 1
        return left

    def _binding(self) -> int:
        token = self._peek()
        return PRECEDENCE.get(token.text, 0) if token.kind == "symbol" else 0

    def _unary(self) -> Node:
        minuses = 0
        while self._accept("-"):
            minuses += 1
        operand = self._negation()
        for _ in range(minuses):
            operand = Unary("-", operand)
        return operand

    def _negation(self) -> Node:
        nots = 0
        while self._accept("not"):
            nots += 1
        operand = self._postfix()
        for _ in range(nots):
            operand = Unary("not", operand)
        return operand

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self._accept("."):
                node = self._named_member(node)
            elif self._accept("["):
                node = Member(node, self.expression())
                self.expect("]")
            elif self._peek_is("("):
                node = self._invoke(node)
            else:
                return node

    def _named_member(self, base: Node) -> Node:
        # Reserved words are ordinary keys behind a dot: `e.in`, `x.null`.
        token = self._next()
        if not token.text.isidentifier():
            raise self._unexpected(token)
        dotted = _dotted(base)
        return Member(base, Literal(token.text), f"{dotted}.{token.text}" if dotted else None)

    def _invoke(self, function: Node) -> Node:
        name = _dotted(function)
        if name is None:
            raise DefinitionError(f"only a function can be called: {self._text}")
        self.expect("(")
        return Invoke(name, tuple(self._items(")")))

    def _primary(self) -> Node:
        token = self._next()
        if token.kind == "literal":
            return Literal(token.value)
        if token.kind == "name":
            return Name(token.text)
        if token.text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.text == "[":
            return _folded_list(self._items("]"))
        if token.text == "{":
            return _folded_map(self._entries())
        raise self._unexpected(token)

    def _items(self, closing: str) -> list[Node]:
        items: list[Node] = []
        while not self._accept(closing):
            if items:
                self.expect(",")
            items.append(self.expression())
        return items

    def _entries(self) -> list[tuple[Node, Node]]:
        entries: list[tuple[Node, Node]] = []
        while not self._accept("}"):
            if entries:
                self.expect(",")
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
        return entries

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _peek_is(self, symbol: str) -> bool:
        token = self._peek()
        return token.kind == "symbol" and token.text == symbol

    def _accept(self, symbol: str) -> bool:
        found = self._peek_is(symbol)
        if found:
            self._place += 1
        return found

    def _unexpected(self, token: Token) -> DefinitionError:
        return DefinitionError(f"unexpected {token.text!r} in expression: {self._text}")


def _dotted(node: Node) -> str | None:
    if isinstance(node, Name):
        return node.name
    return node.dotted if isinstance(node, Member) else None
