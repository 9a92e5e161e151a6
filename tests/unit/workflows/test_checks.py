"""What cannot be deployed, and says so (spec §9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulators.workflows.errors import DefinitionError
from emulators.workflows.parser import parse_definition

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "workflows"
STEP = "{assign: [{x: 1}]}"
BRANCHES = "[{a: {steps: [{s1: %s}]}}, {b: {steps: [{s2: {assign: [{y: 2}]}}]}}]"
REFUSED = {
    "not YAML": "a: [",
    "a key twice": "- a: {next: end}\n  a: {next: end}",
    "no main": "other: {steps: [{a: {next: end}}]}",
    "a scalar": "hello",
    "no steps": "main: {steps: []}",
    "two parameters of main": f"main: {{params: [a, b], steps: [{{s: {STEP}}}]}}",
    "an unknown key of a routine": f"main: {{stepz: [{{s: {STEP}}}]}}",
    "an unknown key of a step": "- a: {assign: [{x: 1}], retries: 1}",
    "two kinds in one step": "- a: {assign: [{x: 1}], return: 1}",
    "a step that does nothing": "- a: {}",
    "a step with two names": "- {a: {next: end}, b: {next: end}}",
    "next beside return": "- a: {return: 1, next: end}",
    "args without call": "- a: {assign: [{x: 1}], args: {y: 1}}",
    "except without try": "- a: {assign: [{x: 1}], except: {steps: []}}",
    "a jump to nowhere": "- a: {next: nowhere}",
    "a jump into another step": f"- a: {{steps: [{{i: {STEP}}}]}}\n- b: {{next: i}}",
    "break outside a loop": "- a: {next: break}",
    "continue in a branch": f"- a: {{parallel: {{branches: {BRANCHES % '{next: continue}'}}}}}",
    "break in a parallel for": (
        "- a: {parallel: {for: {value: v, in: [1], steps: [{s: {next: break}}]}}}"
    ),
    "return in a branch": f"- a: {{parallel: {{branches: {BRANCHES % '{return: 1}'}}}}}",
    "a jump out of a branch": (
        f"- a: {{parallel: {{branches: {BRANCHES % '{next: z}'}}}}}\n- z: {{next: end}}"
    ),
    "one branch": f"- a: {{parallel: {{branches: [{{a: {{steps: [{{s: {STEP}}}]}}}}]}}}}",
    "an outer variable not shared": (
        f"- o: {STEP}\n- a: {{parallel: {{branches: {BRANCHES % STEP}}}}}"
    ),
    "a result into an outer variable": (
        f"- o: {STEP}\n- a: {{parallel: {{branches: {BRANCHES % '{call: sys.log, result: x}'}}}}}"
    ),
    "a shared variable nobody made": (
        f"- a: {{parallel: {{shared: [q], branches: {BRANCHES % STEP}}}}}"
    ),
    "another exception policy": (
        f"- a: {{parallel: {{exception_policy: stop, branches: {BRANCHES % STEP}}}}}"
    ),
    "an unknown function": "- a: {call: text.reverse}",
    "an unknown function in an expression": "- a: {return: '${reverse(1)}'}",
    "a blocking call in an expression": "- a: {return: '${http.get(\"http://x\")}'}",
    "a connector in an expression": "- a: {return: '${googleapis.pubsub.v1.x(1)}'}",
    "an unknown argument": "- a: {call: sys.sleep, args: {minutes: 1}}",
    "a missing argument": "- a: {call: sys.sleep}",
    "too many arguments in an expression": "- a: {return: '${len(1, 2)}'}",
    "a missing argument of a subworkflow": (
        f"main: {{steps: [{{a: {{call: f}}}}]}}\nf: {{params: [p], steps: [{{s: {STEP}}}]}}"
    ),
    "an expression that does not parse": "- a: {return: '${1 +}'}",
    "an expression of 401 characters": "- a: {return: '${" + "a" * 401 + "}'}",
    "an assignment to no variable": "- a: {assign: [{'f(1)': 1}]}",
    "51 assignments": "- a: {assign: [" + "{x: 1}, " * 51 + "]}",
    "51 cases": "- a: {switch: [" + "{condition: true, next: end}, " * 51 + "]}",
    "index with a range": (
        f"- a: {{for: {{value: v, index: i, range: [1, 2], steps: [{{s: {STEP}}}]}}}}"
    ),
    "a range of three": f"- a: {{for: {{value: v, range: [1, 2, 3], steps: [{{s: {STEP}}}]}}}}",
    "a step named like a jump": "- end: {return: 1}",
    "too large": "- a: {return: " + "x" * 128 * 1024 + "}",
    "an integer beyond 64 bits": f"- a: {{return: {2**63}}}",
    "steps nested too deeply": "- a: {steps: [" * 60 + "{b: {next: end}}" + "]}" * 60,
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(DefinitionError):
        parse_definition(REFUSED[name])


def test_a_refusal_says_where() -> None:
    with pytest.raises(DefinitionError, match='in routine "main": in step "a": in step "b": next'):
        parse_definition("- a: {steps: [{b: {next: nowhere}}]}")


ALLOWED = {
    "a step name twice is a warning": ("- a: {next: b}\n- b: {steps: [{a: {next: end}}]}", 1),
    "an unknown connector is a warning": ("- a: {call: googleapis.sqladmin.v1.x}", 1),
    "a known connector is none": (
        "- a: {call: googleapis.pubsub.v1.projects.topics.publish, args: {topic: t}}",
        0,
    ),
    "a loop hides an outer variable": (
        (
            "- o: {assign: [{v: 1}]}\n- p: {parallel: {for: {value: v, in: [1], "
            "steps: [{s: {assign: [{v: 2}]}}]}}}"
        ),
        0,
    ),
    "branches may use one name each for themselves": (
        f"- a: {{parallel: {{branches: {BRANCHES % '{assign: [{y: 1}]}'}}}}}",
        0,
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    source, warnings = ALLOWED[name]

    assert len(parse_definition(source).warnings) == warnings


def test_the_keys_of_steps_are_those_of_the_published_schema() -> None:
    path = SHARED / "workflows.schema.json"
    if not path.exists():
        pytest.skip("the published schema is not beside this repository")
    step: dict[str, Any] = json.loads(path.read_text())["definitions"]["step"]["properties"]

    bodies = {
        "assign": [{"x": 1}],
        "call": "sys.log",
        "switch": [{"condition": True, "next": "end"}],
        "for": {"value": "v", "in": [1], "steps": [{"s": {"next": "continue"}}]},
        "parallel": {"for": {"value": "v", "in": [1], "steps": [{"s": {"next": "continue"}}]}},
        "try": {"call": "sys.log"},
        "raise": "x",
        "return": 1,
        "steps": [{"s": {"next": "end"}}],
        "next": "end",
    }
    companions = {"args": "call", "result": "call", "retry": "try", "except": "try"}
    values = {
        "args": {},
        "result": "r",
        "retry": "${http.default_retry}",
        "except": {"as": "e", "steps": [{"h": {"next": "end"}}]},
    }

    assert set(step) == set(bodies) | set(companions)
    for kind, body in bodies.items():
        parse_definition(json.dumps([{"a": {kind: body}}]))
    for key, kind in companions.items():
        parse_definition(json.dumps([{"a": {kind: bodies[kind], key: values[key]}}]))
