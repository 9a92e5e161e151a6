"""Walks over the syntax: the steps inside a step, and the expressions of one step."""

from collections.abc import Iterator

from emulators.workflows.syntax import (
    Assign,
    Binary,
    Block,
    Call,
    For,
    Invoke,
    ListNode,
    Logical,
    MapNode,
    Member,
    Node,
    Parallel,
    Raise,
    Return,
    Step,
    Steps,
    Switch,
    Try,
    Unary,
)


def blocks_of(step: Step) -> Iterator[Block]:
    """Yield the lists of steps directly inside a step."""
    action = step.action
    if isinstance(action, Steps | For):
        yield action.body
    elif isinstance(action, Parallel):
        work = action.work
        yield from [work.body] if isinstance(work, For) else [branch.body for branch in work]
    elif isinstance(action, Try) and action.handler:
        yield action.handler.body


def bodies_of(step: Step) -> Iterator[Step]:
    """Yield the unnamed bodies inside a step: of a switch's cases, of a try."""
    if isinstance(step.action, Switch):
        yield from (case.body for case in step.action.cases)
    elif isinstance(step.action, Try):
        yield step.action.body


def steps_within(step: Step) -> Iterator[Step]:
    """Yield a step and every step inside it."""
    yield step
    for body in bodies_of(step):
        yield from steps_within(body)
    for block in blocks_of(step):
        for inner in block.steps:
            yield from steps_within(inner)


def expressions_of(step: Step) -> Iterator[Node]:
    """Yield the expressions of a step itself, not of steps inside it."""
    action = step.action
    if isinstance(action, Assign):
        for target, value in action.entries:
            yield from (*target.path, value)
    elif isinstance(action, Call):
        yield from (value for _, value in action.arguments)
        yield from action.result.path if action.result else ()
    elif isinstance(action, Raise | Return):
        yield action.value
    else:
        yield from _expressions_of_group(step)


def _expressions_of_group(step: Step) -> Iterator[Node]:
    action = step.action
    if isinstance(action, Switch):
        yield from (case.condition for case in action.cases)
    elif isinstance(action, For):
        yield action.items
    elif isinstance(action, Parallel):
        yield action.limit
        if isinstance(action.work, For):
            yield action.work.items
    elif isinstance(action, Try) and action.retry is not None:
        yield action.retry


def invocations(node: Node) -> Iterator[Invoke]:
    """Yield every function call in an expression."""
    if isinstance(node, Invoke):
        yield node
    for inner in _children(node):
        yield from invocations(inner)


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Member):
        return (node.base, node.key)
    if isinstance(node, Unary):
        return (node.operand,)
    if isinstance(node, Binary | Logical):
        return (node.left, node.right)
    if isinstance(node, Invoke):
        return node.arguments
    if isinstance(node, ListNode):
        return node.items
    return (
        tuple(part for entry in node.entries for part in entry) if isinstance(node, MapNode) else ()
    )
