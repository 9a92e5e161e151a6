"""``mg evaluate …``: measure an area on data, by its evaluate job.

Measuring needs no service: with the local cloud the job runs as every job there, without it as a
process of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from emulators.cli.cloud import ROOT, layout, record
from emulators.cli.scratch import ScratchError, scratch_cloud
from emulators.cli.terminal import Format, FormatOption, fail, progress, show, table
from emulators.hub.calls import CallError
from emulators.hub.run_api import JobError, run_job

POLL_SECONDS = 0.2
TOLD_EVERY = 10
"""Seconds between words of progress."""

evaluate = typer.Typer(no_args_is_help=True, help="Measure an area on data.")
DataOption = Annotated[Path, typer.Option(exists=True, file_okay=False, help="folder with data")]


@evaluate.command()
def matching(data: DataOption, form: FormatOption = Format.TEXT) -> None:
    """Precision, recall and speed of entity resolution on labelled records."""
    report("matching", "matching_evaluate", ["--data", str(data.absolute())], form)


@evaluate.command()
def drift(
    before: Annotated[Path, typer.Option(exists=True, file_okay=False, help="older snapshot")],
    after: Annotated[Path, typer.Option(exists=True, file_okay=False, help="newer snapshot")],
    form: FormatOption = Format.TEXT,
) -> None:
    """Which titles keep their id from one snapshot of a catalog to the next."""
    args = ["--before", str(before.absolute()), "--after", str(after.absolute())]
    report("drift", "matching_evaluate", args, form)


@evaluate.command()
def payloads(data: DataOption, form: FormatOption = Format.TEXT) -> None:
    """Which fields of recorded answers of providers are kept, and which are lost and why."""
    report("payloads", "payloads_evaluate", ["--data", str(data.absolute())], form)


@evaluate.command()
def intent(
    data: DataOption,
    test: Annotated[
        Path | None, typer.Option(exists=True, help="file or folder of questions to judge on")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """How well questions are read: spans by slot of a tagger learned here, and the grammar."""
    args = ["--data", str(data.absolute())]
    if test is not None:
        args += ["--test", str(test.absolute())]
    report("intent", "intent_evaluate", args, form)


CorpusOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="titles to find, CSV or JSON lines")
]


@evaluate.command()
def typos(data: DataOption, corpus: CorpusOption = None, form: FormatOption = Format.TEXT) -> None:
    """How often a title is found although a word of it was mistyped."""
    report("typos", "typos_evaluate", _with_corpus(data, corpus), form)


@evaluate.command()
def suggest(
    data: DataOption, corpus: CorpusOption = None, form: FormatOption = Format.TEXT
) -> None:
    """How soon a title is suggested while its name is typed, and how long that takes."""
    report("suggest", "suggest_evaluate", _with_corpus(data, corpus), form)


@evaluate.command()
def search(
    data: DataOption,
    corpus: CorpusOption = None,
    vectors: Annotated[
        Path | None, typer.Option(file_okay=False, help="folder that keeps vectors by their texts")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """How good answers are, and what carries them, over films in a local cloud of its own."""
    args = _with_corpus(data, corpus)
    args += ["--vectors", str(vectors.absolute())] if vectors else []
    tick = _ticking("search_evaluate", form)
    try:
        with scratch_cloud() as variables:
            summary = _process("search_evaluate", args, tick, variables)
    except (ScratchError, JobError) as error:
        fail(form, str(error))
    _show(form, "search", summary)


def _with_corpus(data: Path, corpus: Path | None) -> list[str]:
    more = ["--corpus", str(corpus.absolute())] if corpus else []
    return ["--data", str(data.absolute()), *more]


def report(area: str, job: str, args: Sequence[str], form: Format) -> None:
    """Run an evaluate job and print its summary."""
    try:
        summary = _run(job, args, _ticking(job, form))
    except (CallError, JobError) as error:
        fail(form, str(error))
    _show(form, area, summary)


def _show(form: Format, area: str, summary: Mapping[str, Any]) -> None:
    show(form, {"area": area, "summary": summary}, lambda: _tables(area, summary))


def _ticking(job: str, form: Format) -> Callable[[], None]:
    started, told = time.monotonic(), progress(form)

    def tick() -> None:
        passed = int(time.monotonic() - started) // TOLD_EVERY * TOLD_EVERY
        told(f"{job} has run for {passed} s" if passed else f"{job} runs")

    return tick


def _run(job: str, args: Sequence[str], tick: Callable[[], None]) -> dict[str, Any]:
    found = record()
    if found is not None and found.state == "ready":
        return run_job(layout(), job, args, tick)
    return _process(job, args, tick)


def _process(
    job: str,
    args: Sequence[str],
    tick: Callable[[], None],
    variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run a job as a process of its own, with this environment or another; it logs as it does."""
    command = [sys.executable, "-m", "shared.runtime.jobs", job, *args]
    piped = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - this interpreter and our own module
        command, cwd=ROOT, env=variables, stdout=piped, stderr=piped, text=True
    ) as child:
        output, errors = _followed(child, tick)
    if child.returncode:
        raise JobError(errors.strip() or f"{job} ended with {child.returncode}")
    summary: dict[str, Any] = json.loads(output.splitlines()[-1])
    return summary


def _followed(child: subprocess.Popen[str], tick: Callable[[], None]) -> tuple[str, str]:
    while True:
        try:
            return child.communicate(timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            tick()


def _tables(title: str, summary: Mapping[str, Any]) -> None:
    """Print plain values as one table, and each part below it as a table of its own."""
    typer.echo("", err=True)
    plain = {name: value for name, value in summary.items() if not isinstance(value, Mapping)}
    if plain:
        table(title, plain)
    for name, part in summary.items():
        if isinstance(part, Mapping):
            _part(f"{title}: {name}", part)


def _part(title: str, part: Mapping[str, Any]) -> None:
    rows = list(part.values())
    if not rows or not all(_is_row(row) for row in rows):
        _tables(title, part)
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    made = Table(title=title, title_justify="left")
    made.add_column("", no_wrap=True)
    for column in columns:
        made.add_column(column)
    for name, row in part.items():
        made.add_row(str(name), *(str(row.get(column, "")) for column in columns))
    Console().print(made)


def _is_row(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    return not any(isinstance(found, Mapping) for found in value.values())
