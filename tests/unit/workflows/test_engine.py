"""Steps: order, jumps, loops, calls, value semantics and limits (spec §1, §4 and §7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from emulators.workflows.errors import WorkflowError
from emulators.workflows.values import Function
from tests.unit.workflows.conftest import tags_of

if TYPE_CHECKING:
    from emulators.workflows.engine import Checkpoint
    from tests.unit.workflows.conftest import Lab

PROGRAMS: dict[str, tuple[str, object]] = {
    "steps run in order and the last one's end yields null": ("- a: {assign: [{x: 1}]}", None),
    "next jumps over steps": (
        "- a: {assign: [{x: 1}], next: c}\n- b: {return: wrong}\n- c: {return: '${x}'}",
        1,
    ),
    "next: end ends main with null": ("- a: {assign: [{x: 1}], next: end}\n- b: {return: 1}", None),
    "a jump backward makes a loop": (
        (
            "- a: {assign: [{x: 0}]}\n- b: {assign: [{x: '${x + 1}'}]}\n"
            "- c: {switch: [{condition: '${x < 5}', next: b}]}\n- d: {return: '${x}'}"
        ),
        5,
    ),
    "a jump leaves inner steps for an enclosing list": (
        (
            "- a: {steps: [{i: {steps: [{j: {assign: [{x: 1}], next: z}}]}}, "
            "{k: {return: wrong}}]}\n"
            "- y: {return: wrong}\n- z: {return: '${x}'}"
        ),
        1,
    ),
    "assignment copies a map": (
        (
            "- a: {assign: [{m: {k: [1]}}, {c: '${m}'}, {'c.k[0]': 2}, {c.n: 3}]}\n"
            "- b: {return: ['${m}', '${c}']}"
        ),
        [{"k": [1]}, {"k": [2], "n": 3}],
    ),
    "assignment makes missing maps on its way": (
        "- a: {assign: [{m: {}}, {m.a.b: 1}, {'m[\"x y\"]': 2}]}\n- b: {return: '${m}'}",
        {"a": {"b": 1}, "x y": 2},
    ),
    "an index may be an expression": (
        "- a: {assign: [{i: 0}, {l: [1, 2]}, {'l[i + 1]': 9}]}\n- b: {return: '${l}'}",
        [1, 9],
    ),
    "a map key may be an expression and a numeric key is found": (
        "- a: {assign: [{k: dyn}, {m: {'${k}': 1, 5: x}}]}\n- b: {return: ['${m}', '${m[5]}']}",
        [{"dyn": 1, "5": "x"}, "x"],
    ),
    "the first true case of a switch runs and then its own next": (
        (
            "- s:\n    switch:\n      - {condition: false, return: 1}\n"
            "      - {condition: true, assign: [{x: 2}]}\n      - {condition: true, return: 3}\n"
            "    next: z\n- y: {return: wrong}\n- z: {return: '${x}'}"
        ),
        2,
    ),
    "a switch without a match goes on": (
        "- s: {switch: [{condition: false, return: 1}]}\n- z: {return: 2}",
        2,
    ),
    "for runs over a list with an index": (
        (
            "- a: {assign: [{o: []}]}\n- f: {for: {value: v, index: i, in: [a, b], "
            "steps: [{s: {assign: [{o: '${list.concat(o, v + string(i))}'}]}}]}}\n"
            "- b: {return: '${o}'}"
        ),
        ["a0", "b1"],
    ),
    "for runs over a range with both ends": (
        (
            "- a: {assign: [{t: 0}]}\n- f: {for: {value: v, range: [1, '${2 + 2}'], "
            "steps: [{s: {assign: [{t: '${t + v}'}]}}]}}\n- b: {return: '${t}'}"
        ),
        10,
    ),
    "for over an empty range does nothing": (
        "- f: {for: {value: v, range: [2, 1], steps: [{s: {return: wrong}}]}}\n- b: {return: 1}",
        1,
    ),
    "break and continue act on the innermost loop": (
        (
            "- a: {assign: [{o: []}]}\n- f:\n    for:\n      value: v\n      range: [1, 9]\n"
            "      steps:\n"
            "      - s: {switch: [{condition: '${v == 2}', next: continue}, "
            "{condition: '${v == 5}', next: break}]}\n"
            "      - t: {assign: [{o: '${list.concat(o, v)}'}]}\n- b: {return: '${o}'}"
        ),
        [1, 3, 4],
    ),
    "a jump leaves a loop": (
        (
            "- f: {for: {value: v, range: [1, 9], steps: "
            "[{s: {assign: [{x: '${v}'}], next: z}}]}}\n"
            "- y: {return: wrong}\n- z: {return: 1}"
        ),
        1,
    ),
    "subworkflows take named arguments and defaults": (
        (
            "main:\n  steps:\n  - a: {call: add, args: {a: 1}, result: r}\n"
            "  - b: {return: '${[r, add(1, 2)]}'}\n"
            "add: {params: [a, {b: 10}], steps: [{s: {return: '${a + b}'}}]}"
        ),
        [11, 3],
    ),
    "a subworkflow sees none of the caller's variables": (
        (
            "main:\n  steps:\n  - a: {assign: [{x: 1}]}\n  - b: {call: f}\n"
            "  - c: {return: '${x}'}\n"
            "f: {steps: [{s: {assign: [{x: 2}]}}]}"
        ),
        1,
    ),
    "YAML 1.1 words are strings and 1.2 words are booleans": (
        "- a: {return: [yes, no, on, True, FALSE, 1_000, 2024-01-01, 0x10, 1e2, ~, '1', 012]}",
        ["yes", "no", "on", True, False, "1_000", "2024-01-01", 16, 100.0, None, "1", 12],
    ),
    "try catches and except's variables are local": (
        (
            "- t: {try: {raise: boom}, except: {as: e, steps: [{s: {assign: [{y: '${e}'}]}}, "
            "{r: {return: '${y}'}}]}}"
        ),
        "boom",
    ),
    "after except the next step runs": (
        (
            "- t: {try: {steps: [{a: {raise: {code: 5}}}]}, except: {as: e, steps: "
            "[{s: {assign: [{z: 1}]}}]}}\n- b: {return: on}"
        ),
        "on",
    ),
    "raise passes a caught error on": (
        (
            "- o:\n    try:\n      steps:\n      - i: {try: {raise: {code: 5}}, except: {as: e, "
            "steps: [{s: {raise: '${e}'}}]}}\n"
            "    except: {as: f, steps: [{r: {return: '${f.code}'}}]}"
        ),
        5,
    ),
    "experimental executions run child workflows in order": (
        (
            "- a: {call: experimental.executions.map, args: {workflow_id: w, arguments: [1, 2]}, "
            "result: r}\n- b: {return: '${r}'}"
        ),
        [1, 2],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_program(lab: Lab, name: str) -> None:
    source, expected = PROGRAMS[name]

    assert await lab.run(source) == expected


FAILURES: dict[str, tuple[str, str]] = {
    "a condition must be boolean": ("- a: {switch: [{condition: 1, next: end}]}", "TypeError"),
    "an index must exist": ("- a: {assign: [{l: [1]}, {'l[1]': 2}]}", "IndexError"),
    "a path needs its variable": ("- a: {assign: [{q.z: 1}]}", "KeyError"),
    "a loop variable is gone after the loop": (
        "- f: {for: {value: v, in: [1], steps: [{s: {assign: [{w: 1}]}}]}}\n- b: {return: '${w}'}",
        "KeyError",
    ),
    "for needs a list": (
        "- f: {for: {value: v, in: '${\"abc\"}', steps: [{s: {next: continue}}]}}",
        "TypeError",
    ),
    "the call stack ends at 20": (
        "main: {steps: [{a: {call: f}}]}\nf: {steps: [{b: {call: f}}]}",
        "RecursionError",
    ),
    "recursion in expressions ends too": (
        (
            "main: {steps: [{a: {return: '${f(1)}'}}]}\n"
            "f: {params: [n], steps: [{b: {return: '${1 + f(n + 1)}'}}]}"
        ),
        "RecursionError",
    ),
    "steps end at 100,000": (
        "- a: {assign: [{x: 1}]}\n- b: {assign: [{x: 2}], next: a}",
        "ResourceLimitError",
    ),
    "variables end at 512 KiB": (
        (
            "- a: {assign: [{s: abcdefgh}, {l: []}]}\n"
            "- b: {assign: [{l: '${list.concat(l, s + s)}'}, "
            "{s: '${if(len(s) < 60000, s + s, s)}'}], next: b}"
        ),
        "ResourceLimitError",
    ),
    "a string ends at 256 KiB": (
        "- a: {assign: [{s: abcdefgh}]}\n- b: {assign: [{s: '${s + s}'}], next: b}",
        "ResourceLimitError",
    ),
    "a library function refuses an argument of the wrong type": (
        "- a: {call: sys.sleep, args: {seconds: soon}}",
        "TypeError",
    ),
    "a retry policy must be a map": (
        "- a: {try: {raise: x}, retry: '${sys.now()}'}",
        "TypeError",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_failing_program(lab: Lab, name: str) -> None:
    source, tag = FAILURES[name]

    with pytest.raises(WorkflowError) as caught:
        await lab.run(source)

    assert tag in tags_of(caught.value)


async def test_a_raised_string_stays_a_string(lab: Lab) -> None:
    with pytest.raises(WorkflowError) as caught:
        await lab.run("- a: {raise: no luck}")

    assert caught.value.payload == "no luck"


RETRIED = """
main:
  steps:
  - start: {{assign: [{{tries: 0}}]}}
  - work:
      try:
        steps:
        - count: {{assign: [{{tries: '${{tries + 1}}'}}]}}
        - fail:
            switch:
            - condition: '${{tries < {works_at}}}'
              raise: {{code: {code}, tags: []}}
      retry: {retry}
      except: {{as: e, steps: [{{gone: {{return: ['${{tries}}', '${{e.code}}']}}}}]}}
  - done: {{return: '${{tries}}'}}
only_418:
  params: [e]
  steps: [{{say: {{return: '${{e.code == 418}}'}}}}]
"""
CUSTOM = (
    "{{predicate: '${{{}}}', max_retries: 3,"
    " backoff: {{initial_delay: 2, max_delay: 5, multiplier: 2}}}}"
)
RETRIES: list[tuple[str, int, int, object, list[float]]] = [
    ("'${http.default_retry}'", 3, 503, 3, [1, 1.25]),
    ("'${http.default_retry}'", 3, 404, [1, 404], []),
    ("'${http.default_retry}'", 99, 503, [6, 503], [1, 1.25, 1.5625, 1.953125, 2.44140625]),
    (CUSTOM.format("only_418"), 99, 418, [4, 418], [2, 4, 5]),
    (CUSTOM.format("only_418"), 99, 503, [1, 503], []),
    (CUSTOM.format("retry.always"), 2, 1, 2, [2]),
    (CUSTOM.format("retry.never"), 2, 1, [1, 1], []),
]


@pytest.mark.parametrize(("retry", "works_at", "code", "result", "waits"), RETRIES)
async def test_retry_waits_longer_each_time(
    lab: Lab, retry: str, works_at: int, code: int, result: object, waits: list[float]
) -> None:
    source = RETRIED.format(retry=retry, works_at=works_at, code=code)

    assert await lab.run(source) == result
    assert lab.clock.sleeps == waits


async def test_an_error_knows_its_steps_innermost_first(lab: Lab) -> None:
    source = "main: {steps: [{a: {call: f}}]}\nf: {steps: [{b: {raise: x}}]}"

    with pytest.raises(WorkflowError) as caught:
        await lab.run(source)

    assert [(f.step, f.routine) for f in caught.value.frames] == [("b", "f"), ("a", "main")]


async def test_sleeps_and_logs_reach_the_host(lab: Lab) -> None:
    await lab.run(
        "- a: {call: sys.sleep, args: {seconds: 90}}\n"
        "- b: {call: sys.sleep_until, args: {time: '2023-11-14T22:15:00Z'}}\n"
        "- c: {call: sys.log, args: {data: {k: 1}, severity: ERROR}}"
    )

    assert lab.clock.sleeps == [90, 10]
    assert lab.logged == [("ERROR", '{"k":1}')]


async def test_the_json_form_of_a_definition_means_the_same(lab: Lab) -> None:
    steps = [{"a": {"assign": [{"x": "${1 + 1}"}]}}, {"b": {"return": "${x}"}}]

    assert await lab.run(json.dumps({"main": {"steps": steps}})) == 2


async def test_main_goes_on_where_its_checkpoint_says(lab: Lab) -> None:
    kept: list[Checkpoint] = []

    async def save(checkpoint: Checkpoint) -> None:
        kept.append(checkpoint)

    source = (
        "main:\n  params: [input]\n  steps:\n  - a: {assign: [{x: '${input}'}, "
        "{f: '${retry.always}'}]}\n  - b: {call: sys.sleep, args: {seconds: 1}}\n"
        "  - c: {assign: [{y: '${x + 1}'}]}\n  - d: {call: sys.sleep, args: {seconds: 2}}\n"
        "  - e: {return: '${[x, y]}'}"
    )
    await lab.run(source, 5, save=save)
    assert [checkpoint.position for checkpoint in kept] == [1, 2, 3, 4]
    assert kept[1].variables == {"input": 5, "x": 5, "f": Function("retry.always")}

    lab.clock.sleeps.clear()

    assert await lab.run(source, 5, resume=kept[1]) == [5, 6]
    assert lab.clock.sleeps == [2]
