"""What tells a title apart at once, small enough to be read of all that share a block."""

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterable
from struct import pack, unpack
from typing import NamedTuple

from shared.kernel.text import title_key
from shared.matching.facts import distinct, segments_of
from shared.matching.overview import Sketch, sketch

_KINDS = "\n"
_KEYS = "\t"
_HASH_BYTES = 4


class Outline(NamedTuple):
    """Names and overview in the form in which they are compared (`shared.matching.facts.Facts`).

    Attributes:
        keys: Title keys of every name, the main one first.
        segments: Title keys of the parts of names.
        hashes: The overview's sketch in base 64, unpacked only where it is asked for.
    """

    keys: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    hashes: str = ""

    @classmethod
    def of(cls, names: Iterable[str], overview: str | None) -> "Outline":
        """Return the outline of a title.

        Args:
            names: Every name it goes by, the main one first.
            overview: None where there is none.
        """
        known, found = tuple(names), sketch(overview)
        hashes = b64encode(pack(f">{len(found)}I", *found)).decode()
        return cls(distinct(map(title_key, known)), segments_of(known), hashes)

    @property
    def overview(self) -> Sketch:
        """The sketch of the overview."""
        packed = a2b_base64(self.hashes)
        return unpack(f">{len(packed) // _HASH_BYTES}I", packed)

    def text(self) -> str:
        """Return it as text; no name contains what parts them (`shared.kernel.text.clean`)."""
        return _KINDS.join((_KEYS.join(self.keys), _KEYS.join(self.segments), self.hashes))

    @classmethod
    def from_text(cls, text: str) -> "Outline":
        """Return what `text` made of an outline."""
        keys, segments, hashes = text.split(_KINDS)
        return cls(_parted(keys), _parted(segments), hashes)


def _parted(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(_KEYS)) if joined else ()
