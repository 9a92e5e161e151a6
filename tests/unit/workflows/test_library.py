"""The standard library (spec §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulators.workflows.errors import WorkflowError
from tests.unit.workflows.conftest import tags_of

if TYPE_CHECKING:
    from tests.unit.workflows.conftest import Lab

VALUES = [
    ("int('12') + int(2.9) + int(-2.9)", 12),
    ("double('1.5')", 1.5),
    ("string(7) + string(1.5) + string(true)", "71.5true"),
    ("len('né') + len(l) + len(m)", 8),
    ("keys({'b': 1, 'a': 2})", ["b", "a"]),
    ("get_type(text.encode('a'))", "bytes"),
    ("base64.encode(text.encode('hi?>'))", "aGk/Pg=="),
    ("base64.encode(text.encode('hi?>'), false)", "aGk/Pg"),
    ("text.decode(base64.decode('aGk', false))", "hi"),
    (
        "base64.encode(hash.compute_checksum(text.encode('a'), 'SHA256'))",
        "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=",
    ),
    (
        # RFC 2202 section 2, test case 2.
        (
            "base64.encode(hash.compute_hmac(text.encode('Jefe'),"
            " text.encode('what do ya want for nothing?'), 'MD5'))"
        ),
        "dQx4PmqwtQPqqG4xCl23OA==",
    ),
    ("json.decode('{\"a\": [1, 2.0, null]}')", {"a": [1, 2.0, None]}),
    ("json.encode_to_string({'a': [1, 'é']})", '{"a":[1,"é"]}'),
    ("json.encode_to_string([1], true)", "[\n  1\n]"),
    ("json.encode_to_string([1], {'prefix': '> ', 'indent': ' '})", "[\n>  1\n> ]"),
    ("text.decode(json.encode('a'))", '"a"'),
    ("list.prepend(l, 0)", [0, 1, 2, 3]),
    ("map.get(m, 'zz')", None),
    ("map.get(m, ['in', 'k'])", [10, 20]),
    ("map.get(m, ['a', 'k'])", None),
    ("map.delete({'a': 1, 'b': 2}, 'a')", {"b": 2}),
    ("map.merge({'a': {'x': 1}}, {'a': {'y': 2}})", {"a": {"y": 2}}),
    ("map.merge_nested({'a': {'x': 1}}, {'a': {'y': 2}})", {"a": {"x": 1, "y": 2}}),
    ("math.abs(-2) + math.max(1, 2) + math.min(1, 2.5)", 5),
    ("sys.get_env('REGION') + sys.get_env('NONE', '!')", "us!"),
    ("sys.now()", 1_700_000_000.0),
    ("text.find_all('banana', 'an')", [1, 3]),
    (
        "text.find_all_regex('xabab', 'a|ab')",
        [{"index": 1, "match": "ab"}, {"index": 3, "match": "ab"}],
    ),
    ("text.match_regex('abc', '^b')", False),
    ("text.replace_all('aXbX', 'X', '-')", "a-b-"),
    (
        r"text.replace_all_regex('john smith', '(\\w+) (\\w+)', '\\2 \\1 \\0')",
        "smith john john smith",
    ),
    ("text.split('a', ',')", ["a"]),
    ("text.substring('hello', 1, 3)", "el"),
    ("text.to_upper('é') + text.to_lower('É')", "Éé"),
    ("text.url_encode('a b/é') + text.url_encode_plus('a b')", "a%20b%2F%C3%A9a+b"),
    ("text.url_decode('a%20b+')", "a b+"),
    ("time.format(0.5)", "1970-01-01T00:00:00.500000Z"),
    ("time.format(0, 'Europe/Berlin')", "1970-01-01T01:00:00.000000+01:00"),
    ("time.parse('1970-01-01T01:00:00.25+01:00')", 0.25),
    ("uuid.generate()", "00000000-0000-4000-8000-000000000000"),
    ("retry.always({}) and not (retry.never({}))", True),
    ("http.default_retry_predicate({'code': 502, 'tags': []})", True),
    ("http.default_retry_predicate({'tags': ['TimeoutError']})", True),
    ("http.default_retry_predicate_non_idempotent({'code': 502, 'tags': []})", False),
    ("http.default_retry_predicate_non_idempotent({'tags': ['ConnectionFailedError']})", True),
    ("http.default_retry_predicate('text')", False),
]


@pytest.mark.parametrize(("expression", "value"), VALUES)
async def test_a_function_returns_its_value(lab: Lab, expression: str, value: object) -> None:
    assert await lab.value(expression) == value


ERRORS = [
    ("int('a')", "ValueError"),
    ("int(null)", "TypeError"),
    ("int(true)", "TypeError"),
    ("double('a')", "ValueError"),
    ("string(null)", "TypeError"),
    ("len(1)", "TypeError"),
    ("keys([])", "TypeError"),
    ("base64.decode('*')", "ValueError"),
    ("hash.compute_checksum(text.encode('a'), 'CRC')", "ValueError"),
    ("hash.compute_checksum('a', 'MD5')", "TypeError"),
    ("json.decode('{')", "ValueError"),
    ("json.decode('NaN')", "ValueError"),
    ("json.encode(text.encode('a'))", "TypeError"),
    ("map.delete({}, 'a')", "KeyError"),
    ("sys.get_env('NONE')", "KeyError"),
    ("text.match_regex('a', '(')", "ValueError"),
    ("text.match_regex('a', '(?=a)')", "ValueError"),
    ("text.substring('abc', 2, 9)", "IndexError"),
    ("text.decode(base64.decode('/w=='))", "ValueError"),
    ("time.parse('yesterday')", "ValueError"),
    ("time.format(0, 'Mars/Base')", "ValueError"),
    ("math.abs('a')", "TypeError"),
    ("json.encode_to_string(retry.always)", "TypeError"),
]


@pytest.mark.parametrize(("expression", "tag"), ERRORS)
async def test_a_function_refuses_with_its_tag(lab: Lab, expression: str, tag: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        await lab.value(expression)

    assert tag in tags_of(caught.value)
