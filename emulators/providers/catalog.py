"""The records a catalogue file holds: titles with their offers over time."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from emulators.core import errors
from emulators.providers.platforms import OptionType

SAMPLE: Final = Path(__file__).parent / "sample" / "titles.jsonl.gz"

Quality = Literal["sd", "hd", "qhd", "uhd"]
ShowType = Literal["movie", "series"]
OfferKey = tuple[str, str, str]


class Offer(BaseModel):
    """One way to watch a title in one country, with its whole life.

    Times are unix seconds; in a catalogue file they count from the catalogue's epoch and may be
    negative. An offer is present in ``[starts, ends)``. ``prices`` are ``(from when, amount)`` in
    ascending time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    type: OptionType
    addon: str = ""
    link: str
    video_link: str = ""
    quality: Quality | None = None
    audios: tuple[str, ...] = ()
    subtitles: tuple[str, ...] = ()
    prices: tuple[tuple[int, str], ...] = ()
    starts: int
    ends: int | None = None
    touched: tuple[int, ...] = ()

    @property
    def key(self) -> OfferKey:
        """Service, type and addon: at most one present offer of a title and country has it."""
        return (self.service, self.type, self.addon)

    def present(self, now: float) -> bool:
        """Tell whether the offer can be watched at ``now``."""
        return self.starts <= now and (self.ends is None or now < self.ends)

    def price(self, now: float) -> str | None:
        """Return the amount asked at ``now``; before the first one is due, the first."""
        due = [amount for since, amount in self.prices if since <= now]
        return due[-1] if due else next((amount for _, amount in self.prices), None)

    def updates(self) -> set[int]:
        """Return when the offer changes while it is present."""
        moments = {*self.touched, *(since for since, _ in self.prices)}
        return {m for m in moments if self.starts < m and (self.ends is None or m < self.ends)}

    def shifted(self, seconds: int) -> Self:
        """Return the offer with every time moved by ``seconds``."""
        return self.model_copy(
            update={
                "starts": self.starts + seconds,
                "ends": None if self.ends is None else self.ends + seconds,
                "prices": tuple((since + seconds, amount) for since, amount in self.prices),
                "touched": tuple(moment + seconds for moment in self.touched),
            }
        )


class Title(BaseModel):
    """A movie or series: one line of a catalogue file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sample: bool = False
    id: str = Field(pattern=r"^\d+$")
    imdb_id: str = Field(default="", pattern=r"^(tt\d{7,})?$")
    tmdb_id: str = Field(default="", pattern=r"^((movie|tv)/\d+)?$")
    show_type: ShowType
    title: str = Field(min_length=1)
    original_title: str = Field(min_length=1)
    year: int
    last_year: int | None = None
    seasons: int | None = None
    episodes: int | None = None
    runtime: int | None = None
    genres: tuple[str, ...]
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    language: str = "en"
    overview: str
    rating: int = Field(ge=0, le=100)
    popularity: int = 0
    offers: dict[str, tuple[Offer, ...]]

    def shifted(self, seconds: int) -> Self:
        """Return the title with the times of its offers moved by ``seconds``."""
        moved = {
            country: tuple(offer.shifted(seconds) for offer in offers)
            for country, offers in self.offers.items()
        }
        return self.model_copy(update={"offers": moved})


OFFERS: Final = TypeAdapter(tuple[Offer, ...])


def read_titles(path: Path) -> Iterator[Title]:
    """Yield the titles of a JSON Lines file, plain or ``.gz``, in order.

    Raises:
        EmulatorError: A line is not a title; the message names the line and the field.
    """
    packed = path.read_bytes()
    content = gzip.decompress(packed) if path.suffix == ".gz" else packed
    for number, line in enumerate(content.splitlines(), 1):
        yield parse_title(line, where=f"{path.name}, line {number}")


def parse_title(line: bytes, *, where: str) -> Title:
    """Return the title written in ``line``; ``where`` names it in the error."""
    try:
        return Title.model_validate_json(line)
    except ValidationError as error:
        raise errors.invalid_argument(f"{where}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """Return the first complaint of ``error``, with the field it is about."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else str(first["msg"])
