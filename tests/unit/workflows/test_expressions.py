"""Expressions: precedence, values, errors and their tags (spec §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulators.workflows.errors import DefinitionError, WorkflowError
from emulators.workflows.expressions import parse_template
from emulators.workflows.syntax import Literal
from tests.unit.workflows.conftest import tags_of

if TYPE_CHECKING:
    from tests.unit.workflows.conftest import Lab

VALUES = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 - 4 - 3", 3),
    ("8 / 4", 2.0),
    ("7 // 2", 3),
    ("-7 // 2", -4),
    ("7 % 4", 3),
    ("-x + 1", -6),
    ("- -x", 7),
    ("2 * -x", -14),
    ("1 + 1.5", 2.5),
    ("'a' + \"b\"", "ab"),
    (r"'it\'s\n\u00e9'", "it's\né"),
    ("not false and true", True),
    ("not (x in l)", True),
    ("not t or t", True),
    ("NOT false AND TRUE", True),
    ("false and 1 / 0 > 1", False),
    ("true or n", True),
    ("1 < 2 and 2 <= 2 or false", True),
    ("1 + 1 == 2", True),
    ("1 == 1.0", True),
    ("1 == '1'", False),
    ("true == 1", False),
    ("[1, {'k': [2]}] == [1.0, {\"k\": [2]}]", True),
    ("n == null", True),
    ("2 in l", True),
    ("true in [1]", False),
    ("'a' in m", True),
    ("'z' in m", False),
    ("m.a", 1),
    ('m["b c"]', 2),
    ("m.in.k[0 + 1]", 20),
    ("l[x - 5]", 3),
    ("[[1, 2], 3][0][1]", 2),
    ("text.split('a,b', ',')[1]", "b"),
    ("list.concat(l, 4)", [1, 2, 3, 4]),
    ("list", "mine"),
    ("{'k': x, 'l': [d]}", {"k": 7, "l": [1.5]}),
    ("{}", {}),
    ("if(t, 'yes', 'no')", "yes"),
    ("default(n, 3)", 3),
    ("http.default_retry.max_retries", 5),
    ("retry.default_backoff.multiplier", 1.25),
    ("get_type(http.default_retry_predicate)", "function"),
    ("-9223372036854775807 - 1", -(2**63)),
    ("1.5e3", 1500.0),
    ("'a' < 'b'", True),
]


@pytest.mark.parametrize(("expression", "value"), VALUES)
async def test_an_expression_has_its_value(lab: Lab, expression: str, value: object) -> None:
    result = await lab.value(expression)

    assert result == value
    assert type(result) is type(value)


ERRORS = [
    ("m.zz", "KeyError"),
    ("m.zz", "LookupError"),
    ("zz", "KeyError"),
    ("l[3]", "IndexError"),
    ("l[-1]", "IndexError"),
    ("l['a']", "TypeError"),
    ("x.y", "TypeError"),
    ("n.y", "TypeError"),
    ("1 / 0", "ZeroDivisionError"),
    ("1 % 0", "ArithmeticError"),
    ("1.0 // 0", "ZeroDivisionError"),
    ("'a' + 1", "TypeError"),
    ("1 < 'a'", "TypeError"),
    ("true < false", "TypeError"),
    ("true + 1", "TypeError"),
    ("not 1", "TypeError"),
    ("- 'a'", "TypeError"),
    ("1 and true", "TypeError"),
    ("true and 1", "TypeError"),
    ("'a' in 'abc'", "TypeError"),
    ("9223372036854775807 + 1", "ValueError"),
    ("1 < 2 < 3", "TypeError"),
    ("1 - not t", "TypeError"),
]


@pytest.mark.parametrize(("expression", "tag"), ERRORS)
async def test_a_failing_expression_raises_its_tag(lab: Lab, expression: str, tag: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        await lab.value(expression)

    assert tag in tags_of(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "1 +",
        "a b",
        "'open",
        "f(1",
        "a[1",
        "1 ++ ",
        "a.",
        "$x",
        r"'\q'",
        "(1)(1)",
        "9" * 20,
        "a" * 401,
        "(" * 100 + "1" + ")" * 100,
        "",
        "and",
        "true and And false",
    ],
)
def test_what_is_no_expression_is_refused(body: str) -> None:
    with pytest.raises(DefinitionError):
        parse_template(f"${{{body}}}")


@pytest.mark.parametrize(
    "text", ["a ${b}", "${a} b", "${a}-${b}", "$a", "{a}", "", "${a} and ${b}"]
)
def test_text_around_an_expression_keeps_it_plain(text: str) -> None:
    assert parse_template(text) == Literal(text)


def test_an_expression_of_400_characters_is_allowed() -> None:
    assert parse_template("${'" + "a" * 398 + "'}") == Literal("a" * 398)
