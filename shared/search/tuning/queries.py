"""What administrators ask about the ranking."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.search.tuning.changes import CONTROL

Version = Annotated[int, Field(ge=0, le=999_999_999, examples=[0])]
VariantName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$"), Field(examples=[CONTROL])
]


class WhichVariant(BaseModel):
    """Which variant."""

    model_config = ConfigDict(extra="forbid")

    name: VariantName


class OwnVariant(BaseModel):
    """Which variant to write: not ``control``, which stands for what everybody else gets."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[VariantName, Field(examples=["more-words"])]


class WhichVersion(BaseModel):
    """Which version."""

    model_config = ConfigDict(extra="forbid")

    version: Version


class HistoryQuery(BaseModel):
    """Which versions, newest first.

    Attributes:
        name: Of one variant, or ``control``; without it, of all.
        before: Older than this one.
    """

    model_config = ConfigDict(extra="forbid")

    name: VariantName | None = None
    before: Annotated[int, Field(ge=1, le=999_999_999)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
