"""Jobs at the edge: ``python -m shared.runtime.jobs FOLDER --option value …``.

A job's ``handle`` takes a validated model of its options and returns a summary, which is printed
as the last line of standard output. Exit codes: 0 done, 1 failed, 2 the options are wrong. A run is
a span in the trace of the workflow that started it (`tracing.job`).
"""

import argparse
import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import orjson
from pydantic import BaseModel, ValidationError

from shared.kernel.errors import AppError
from shared.runtime import otlp, tracing
from shared.runtime.logging import set_up_logging
from shared.runtime.problems import invalid_input
from shared.runtime.settings import use_settings

logger = logging.getLogger(__name__)

Options = TypeVar("Options", bound=BaseModel)
Job = Callable[[Sequence[str]], int]
EXIT_FAILED = 1
EXIT_USAGE = 2
FLUSH_SECONDS = 2.0
"""What telemetry has to leave before the process ends."""


def job(options: type[Options]) -> Callable[[Callable[[Options], Mapping[str, Any]]], Job]:
    """Make a job of a function from ``options`` to a summary.

    Each field of the model is an option (``page_size`` → ``--page-size``); a field of several
    values may be repeated; a boolean field is a flag.
    """

    def made(handler: Callable[[Options], Mapping[str, Any]]) -> Job:
        use_settings()
        name = Path(inspect.getfile(handler)).parent.name

        def handle(arguments: Sequence[str]) -> int:
            set_up_logging()
            try:
                given = options.model_validate(_parsed(options, arguments))
            except ValidationError as error:
                return _failed(invalid_input(error, "options"), EXIT_USAGE)
            try:
                with tracing.job(name):
                    summary = handler(given)
            except AppError as error:
                return _failed(error, EXIT_FAILED)
            finally:
                otlp.flush(FLUSH_SECONDS)
            sys.stdout.write(orjson.dumps(summary, default=str).decode() + "\n")
            return 0

        return handle

    return made


def _failed(error: AppError, status: int) -> int:
    issues = "".join(f"\n  {issue.field}: {issue.message}" for issue in error.issues)
    sys.stderr.write(f"{error.message}{issues}\n")
    return status


def _parsed(options: type[BaseModel], arguments: Sequence[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS, allow_abbrev=False)
    for name, found in options.model_fields.items():
        option = "--" + name.replace("_", "-")
        if found.annotation is bool:
            parser.add_argument(option, dest=name, action=argparse.BooleanOptionalAction)
        elif _takes_several(found.annotation):
            parser.add_argument(option, dest=name, action="append")
        else:
            parser.add_argument(option, dest=name)
    return vars(parser.parse_args(arguments))


def _takes_several(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    kinds = {annotation, *get_args(annotation)}
    return any(get_origin(kind) in {tuple, list} for kind in kinds)


def run(folder: str, arguments: Sequence[str]) -> int:
    """Run the job of ``functions/<folder>`` and return its exit code.

    Raises:
        SystemExit: There is no such job.
    """
    main = Path(__file__).parents[2] / "functions" / folder / "main.py"
    if not folder.isidentifier() or not main.is_file():
        raise SystemExit(f"there is no job {folder!r}")
    specification = importlib.util.spec_from_file_location("main", main)
    if specification is None or specification.loader is None:
        raise SystemExit(f"{main} cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    status: int = module.handle(arguments)
    return status


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]))
