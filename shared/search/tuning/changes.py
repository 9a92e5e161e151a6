"""What administrators make of the ranking."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shared.kernel.errors import ConflictError, FieldIssue, InvalidInputError
from shared.search.tuning.model import DEFAULT, Tuning

CONTROL = "control"
"""What callers get who are in no variant, by its name among the variants."""
IF_MATCH = r'^("[0-9]{1,9}"|[0-9]{1,9})$'
SEEN = {"If-Match": IF_MATCH}
"""The version that was read, as an entity tag or as it is; 0 where nothing was."""

Note = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]


class RankingChange(Tuning):
    """A whole configuration in place of the one in force.

    Attributes:
        note: Why.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [DEFAULT.model_dump()]})

    note: Note = ""


class VariantChange(RankingChange):
    """A whole variant in place of what it was, or a new one.

    Attributes:
        is_active: Whether anybody gets it; one that rests gives its viewers back.
        traffic_percentage: How many of the viewers who signed in; all variants together 100.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**DEFAULT.model_dump(), "traffic_percentage": 10}]}
    )

    is_active: bool = True
    traffic_percentage: Annotated[int, Field(ge=0, le=100)]


def seen_version(headers: Mapping[str, str]) -> int:
    """Return the version that a caller read before writing.

    Args:
        headers: Names in lower case.

    Raises:
        InvalidInputError: ``If-Match`` is missing, or is no version.
    """
    given = headers.get("if-match", "").strip()
    if not re.fullmatch(IF_MATCH, given):
        message = 'say which version was read, If-Match: "7"; "0" where there was none'
        raise InvalidInputError(message, issues=[FieldIssue("If-Match", "version", message)])
    return int(given.strip('"'))


def own_name(name: str) -> str:
    """Return the name of a variant that can be written.

    Raises:
        ConflictError: It stands for what everybody else gets.
    """
    if name == CONTROL:
        raise ConflictError(f"{name} is the usual ranking, which is written by itself")
    return name
