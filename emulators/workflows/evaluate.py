"""Evaluates expressions in a scope.

Evaluation is asynchronous since an expression may call a subworkflow, which may wait.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from emulators.workflows.operators import binary, negative, truth
from emulators.workflows.scope import Scope
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
    Unary,
)
from emulators.workflows.values import Value, map_key, member


class Functions(Protocol):
    """What names outside a scope mean."""

    def named(self, dotted: str) -> Value:
        """Return a function or constant as a value; KeyError when there is none."""

    async def call(self, function: str, arguments: Sequence[Value]) -> Value:
        """Call a subworkflow or library function by position."""


async def evaluate(node: Node, scope: Scope, functions: Functions) -> Value:
    """Return the value of an expression or of a field that holds expressions.

    Raises:
        WorkflowError: as the operators and functions in it do.
    """
    if isinstance(node, Literal):
        return node.value
    return await EVALUATORS[type(node)](node, scope, functions)


async def _name(node: Name, scope: Scope, functions: Functions) -> Value:
    return scope.read(node.name) if scope.has(node.name) else functions.named(node.name)


async def _member(node: Member, scope: Scope, functions: Functions) -> Value:
    # A variable may have the name of a module; then the variable is meant (spec §3).
    if node.dotted and not scope.has(node.dotted.partition(".")[0]):
        return functions.named(node.dotted)
    base = await evaluate(node.base, scope, functions)
    return member(base, await evaluate(node.key, scope, functions))


async def _unary(node: Unary, scope: Scope, functions: Functions) -> Value:
    operand = await evaluate(node.operand, scope, functions)
    return negative(operand) if node.operator == "-" else not truth(operand, "not")


async def _binary(node: Binary, scope: Scope, functions: Functions) -> Value:
    left = await evaluate(node.left, scope, functions)
    return binary(node.operator, left, await evaluate(node.right, scope, functions))


async def _logical(node: Logical, scope: Scope, functions: Functions) -> Value:
    left = truth(await evaluate(node.left, scope, functions), node.operator)
    if left == (node.operator == "or"):
        return left
    return truth(await evaluate(node.right, scope, functions), node.operator)


async def _invoke(node: Invoke, scope: Scope, functions: Functions) -> Value:
    arguments = [await evaluate(argument, scope, functions) for argument in node.arguments]
    return await functions.call(node.function, arguments)


async def _list(node: ListNode, scope: Scope, functions: Functions) -> Value:
    return [await evaluate(item, scope, functions) for item in node.items]


async def _map(node: MapNode, scope: Scope, functions: Functions) -> Value:
    return {
        map_key(await evaluate(key, scope, functions)): await evaluate(value, scope, functions)
        for key, value in node.entries
    }


# Each handler takes its own kind of node.
EVALUATORS: Mapping[type, Callable[[Any, Scope, Functions], Awaitable[Value]]] = {
    Name: _name,
    Member: _member,
    Unary: _unary,
    Binary: _binary,
    Logical: _logical,
    Invoke: _invoke,
    ListNode: _list,
    MapNode: _map,
}
