"""A definition's text as plain values: JSON, or YAML 1.2 with the core schema.

Scalars are resolved here and not by the YAML library, whose safe constructor reads timestamps and
``1_000`` as other types than the service does (spec §2). Map keys are kept by their text, so that
both forms of one definition agree.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from emulators.workflows.errors import DefinitionError
from emulators.workflows.values import INTEGERS, Value

MAX_SOURCE_BYTES = 128 * 1024
MAX_NODES = 200_000  # aliases may repeat a node: a bomb of them stops here
STRING_TAG = "tag:yaml.org,2002:str"
CORE: list[tuple[re.Pattern[str], Callable[[str], Value]]] = [
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda _: float("nan")),
]


def load_document(source: str) -> Value:
    """Return the plain value of a definition's text.

    Raises:
        DefinitionError: the text is too long, or neither JSON nor YAML.
    """
    if len(source.encode()) > MAX_SOURCE_BYTES:
        raise DefinitionError(f"the definition is longer than {MAX_SOURCE_BYTES} bytes")
    if source.lstrip().startswith(("{", "[")):
        try:
            return _load_json(source)
        except ValueError:
            pass  # a YAML flow collection starts with the same characters
    return _load_yaml(source)


def _load_json(source: str) -> Value:
    value: Value = json.loads(source, object_pairs_hook=_unique, parse_int=_json_integer)
    return value


def _json_integer(text: str) -> int:
    return _in_range(int(text))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DefinitionError(f"the key {key!r} occurs twice in one map")
        found[key] = value
    return found


def _load_yaml(source: str) -> Value:
    try:
        node = YAML(typ="safe", pure=True).compose(source)
        return None if node is None else _Constructor().value(node)
    except (YAMLError, RecursionError) as error:
        raise DefinitionError(f"the definition is not valid YAML: {error}") from error


class _Constructor:
    """Turns the nodes of one document into values, counting them."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, node: Node) -> Value:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise DefinitionError(f"the definition has more than {MAX_NODES} nodes")
        if isinstance(node, SequenceNode):
            return [self.value(item) for item in node.value]
        if isinstance(node, MappingNode):
            return _unique([(_key(key), self.value(item)) for key, item in node.value])
        return _scalar(node)


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise DefinitionError(f"line {node.start_mark.line + 1}: a key must be a scalar")
    return str(node.value)


def _scalar(node: Node) -> Value:
    text = str(node.value)
    quoted = not isinstance(node, ScalarNode) or node.style is not None
    if quoted or (node.tag == STRING_TAG and text):
        return text
    for pattern, convert in CORE:
        if pattern.fullmatch(text):
            value = convert(text)
            return _in_range(value) if type(value) is int else value
    return text


def _in_range(value: int) -> int:
    if value not in INTEGERS:
        raise DefinitionError(f"the integer {value} does not fit 64 bits")
    return value
