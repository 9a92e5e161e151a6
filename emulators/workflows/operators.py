"""What the operators do to values (spec §3)."""

import math
import operator
from collections.abc import Callable, Mapping

from emulators.workflows.errors import failure, type_error, value_error
from emulators.workflows.values import (
    Value,
    checked_integer,
    checked_string,
    contains,
    equal,
    is_number,
    type_name,
)

ORDERINGS: Mapping[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: Mapping[str, Callable[..., int | float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,  # the sign of the divisor, in keeping with the floor of `//` (open)
}


def binary(symbol: str, left: Value, right: Value) -> Value:
    """Apply a binary operator other than ``and`` and ``or``.

    Raises:
        WorkflowError: TypeError, ZeroDivisionError, ValueError on 64-bit overflow.
    """
    if symbol == "==":
        return equal(left, right)
    if symbol == "!=":
        return not equal(left, right)
    if symbol == "in":
        return contains(right, left)
    if symbol in ORDERINGS:
        return _ordered(symbol, left, right)
    if symbol == "+" and isinstance(left, str) and isinstance(right, str):
        return checked_string(left + right)
    return _arithmetic(symbol, left, right)


def negative(value: Value) -> Value:
    """Return ``-value``; numbers only."""
    if type(value) is int:
        return checked_integer(-value)
    if isinstance(value, float):
        return -value
    raise type_error(f"unary - needs a number, not {type_name(value)}")


def truth(value: Value, where: str) -> bool:
    """Return a boolean that must be one; ``where`` names the place in the error."""
    if isinstance(value, bool):
        return value
    raise type_error(f"{where} needs a boolean, not {type_name(value)}")


def _ordered(symbol: str, left: Value, right: Value) -> bool:
    comparable = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if not comparable:
        raise _mismatch(symbol, left, right)
    return ORDERINGS[symbol](left, right)


def _arithmetic(symbol: str, left: Value, right: Value) -> Value:
    if not (is_number(left) and is_number(right)):
        raise _mismatch(symbol, left, right)
    if symbol in {"/", "//", "%"} and right == 0:
        raise failure("ZeroDivisionError", f"division by zero: {left!r} {symbol} {right!r}")
    try:
        result = ARITHMETIC[symbol](left, right)
    except OverflowError as error:
        raise value_error(f"the result of {symbol} is too large for a double") from error
    return checked_integer(result) if isinstance(result, int) else _finite(symbol, result)


def _finite(symbol: str, result: float) -> float:
    if math.isinf(result):
        raise value_error(f"the result of {symbol} is too large for a double")
    return result


def _mismatch(symbol: str, left: Value, right: Value) -> Exception:
    return type_error(f"cannot apply {symbol} to {type_name(left)} and {type_name(right)}")
