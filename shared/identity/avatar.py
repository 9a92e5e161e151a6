"""Avatars: the picture an account is known by, made anew so that its file is not passed on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    TooLargeError,
    UnsupportedTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.identity.accounts import Told

MOST_BYTES = 5 << 20
MOST_PIXELS = 4096
"""Of a side (spec/auth §3.2)."""
SIDE = 512
"""Pixels of what is kept, which is square."""
FIELD = "avatar"
PATH = "/api/v1/avatars"
_MADE_UP = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class PictureTypeError(UnsupportedTypeError):
    """It is no JPEG, PNG or WebP, whatever its sender calls it."""

    code = "picture-type"


class PictureTooLargeError(TooLargeError):
    """The picture has too many bytes or pixels."""

    code = "picture-too-large"


class PictureBrokenError(InvalidInputError):
    """It begins like a picture and cannot be read to its end."""

    code = "picture-broken"


class AvatarUrl(BaseModel):
    """Where the picture is shown."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"avatar_url": f"{PATH}/{_MADE_UP}.webp"}]},
    )

    avatar_url: str


class WhichAvatar(BaseModel):
    """Which picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\.webp$")]


class Avatars(Protocol):
    """Pictures by name, each written once."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a picture."""

    def get(self, name: str) -> bytes | None:
        """Return one, None where there is none."""

    def remove(self, name: str) -> None:
        """Forget one, if it is there."""


class AvatarNames(Protocol):
    """Which picture is whose."""

    def set(self, user_id: str, name: str, told: Told) -> str:
        """Give an account a picture, or none where `name` is empty; returns the one before.

        Raises:
            NotFoundError: The account is gone.
        """


@dataclass(frozen=True)
class AvatarDesk:
    """Gives accounts their pictures.

    Attributes:
        remade: Returns a picture made anew, or raises what is wrong with it.
    """

    pictures: Avatars
    names: AvatarNames
    remade: Callable[[bytes], bytes]

    def change(self, user_id: str, content: bytes, told: Told) -> str:
        """Return where the new picture of an account is shown.

        Raises:
            PictureTypeError: It is of another kind than is taken.
            PictureTooLargeError: It has too many bytes or pixels.
            PictureBrokenError: It cannot be read.
        """
        if len(content) > MOST_BYTES:
            raise PictureTooLargeError(f"a picture has {MOST_BYTES} bytes at most")
        made = self.remade(content)
        # Of another account the same picture has another name: who removes one removes their own,
        # and nobody learns from a name who else has it.
        name = sha256(user_id.encode() + made).hexdigest()
        self.pictures.put(name, made)
        before = self.names.set(user_id, name, told)
        if before and before != name:
            self.pictures.remove(before)
        return url_of(name)

    def remove(self, user_id: str, told: Told) -> None:
        """Take an account's picture away, if it has one."""
        before = self.names.set(user_id, "", told)
        if before:
            self.pictures.remove(before)

    def read(self, file: str) -> bytes:
        """Return the picture of a file's name.

        Raises:
            NotFoundError: There is none.
        """
        found = self.pictures.get(file.removesuffix(".webp"))
        if found is None:
            raise NotFoundError(f"there is no picture {file}")
        return found


def url_of(name: str) -> str:
    """Return where a picture is shown, on this origin."""
    return f"{PATH}/{name}.webp"
