"""The standard library of workflows (spec §5); importing it registers every function."""

from emulators.workflows.stdlib import (
    codecs,
    collections,
    conversions,
    events,
    experimental,
    http,
    predicates,
    sys,
    text,
    time,
)
from emulators.workflows.stdlib.registry import FUNCTIONS, LibraryFunction, bind, named

__all__ = [
    "FUNCTIONS",
    "LibraryFunction",
    "bind",
    "codecs",
    "collections",
    "conversions",
    "events",
    "experimental",
    "http",
    "named",
    "predicates",
    "sys",
    "text",
    "time",
]
