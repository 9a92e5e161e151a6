"""What reading by a language model needs of the world."""

from dataclasses import dataclass
from typing import Protocol

from shared.search.languagemodel.question import ReadQuestion


class LanguageModel(Protocol):
    """Reads questions; a call may take seconds, so it is made behind the searches."""

    @property
    def name(self) -> str:
        """Provider and model; readings of two models are kept apart."""

    def read(self, text: str) -> ReadQuestion:
        """Return what ``text`` asks for; safe to call from several threads.

        Raises:
            AppError: The model did not answer, or not in the form it was asked for.
        """


@dataclass(frozen=True)
class Kept:
    """A reading that is kept, and for how many more seconds."""

    reading: ReadQuestion
    seconds: float


class Readings(Protocol):
    """Readings that all instances share, for some minutes."""

    def get(self, key: str) -> Kept | None:
        """Return what is kept under ``key``.

        Raises:
            UnavailableError: It cannot be told whether there is one.
        """

    def put(self, key: str, reading: ReadQuestion, *, seconds: float) -> None:
        """Keep a reading for so long.

        Raises:
            UnavailableError: It was not kept.
        """
