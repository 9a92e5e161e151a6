"""Strings in arrays: lists of them, and rows by key."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.kernel.ragged import offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.search.resident.rows import Arrays, Rows

_HASH_BYTES = 8


@dataclass(frozen=True)
class Strings:
    """A sequence of strings; each is decoded when it is asked for.

    Attributes:
        data: The UTF-8 of all strings, one after the other; uint8.
        offsets: Where each string begins, and where the last ends; int64, one more than strings.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def build(cls, strings: Sequence[str]) -> Self:
        """Return the strings in their order."""
        encoded = [string.encode() for string in strings]
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets_of(encoded))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return {"data": self.data, "offsets": self.offsets}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the strings that were kept, copying none.

        Raises:
            KeyError: An array is missing.
            ValueError: The strings do not end where their bytes do.
        """
        data, offsets = arrays["data"], arrays["offsets"].astype(np.int64, copy=False)
        if len(offsets) == 0 or offsets[-1] != len(data):
            raise ValueError(f"strings do not end at byte {len(data)}, the end of their bytes")
        return cls(data.astype(np.uint8, copy=False), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        at = range(len(self))[index]
        return self.data[self.offsets[at] : self.offsets[at + 1]].tobytes().decode()

    def holding(self, indexes: npt.NDArray[np.integer], words: str) -> list[bool]:
        """Tell which of the strings at ``indexes`` have these words, one after the other."""
        wanted = f" {words} ".encode(errors="surrogatepass")
        data, offsets = self.data.data, self.offsets
        ends = zip(offsets[indexes].tolist(), offsets[indexes + 1].tolist(), strict=True)
        return [wanted in b" %b " % bytes(data[start:end]) for start, end in ends]


@dataclass(frozen=True)
class Keyed:
    """Rows by key.

    Keys are known by 64 bits of BLAKE2b (RFC 7693): that two of a million keys meet has a chance
    of 1 in 37 million (n² / 2⁶⁵).

    Attributes:
        hashes: Of each pair's key, ascending; uint64.
        of: Each pair's row, ascending among those of one key; int32.
    """

    hashes: npt.NDArray[np.uint64]
    of: Rows

    @classmethod
    def build(cls, pairs: Iterable[tuple[str, int]]) -> Self:
        """Return the rows of each key; a pair that is given twice counts once."""
        places: dict[str, int] = {}
        given = [(places.setdefault(key, len(places)), row) for key, row in pairs]
        key_of, row_of = np.array(given, np.int64).reshape(-1, 2).T
        hashed = np.array([key_hash(key) for key in places], np.uint64)[key_of]
        order = np.lexsort((row_of, hashed))
        hashed, rows = hashed[order], row_of[order].astype(np.int32)
        new = np.ones(len(order), np.bool_)
        new[1:] = (hashed[1:] != hashed[:-1]) | (rows[1:] != rows[:-1])
        return cls(hashed[new], rows[new])

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return {"hashes": self.hashes, "rows": self.of}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return what was kept, copying nothing.

        Raises:
            KeyError: An array is missing.
            ValueError: There is not one row for each hash.
        """
        hashes, rows = arrays["hashes"], arrays["rows"]
        if len(hashes) != len(rows):
            raise ValueError(f"{len(hashes)} hashes, {len(rows)} rows")
        return cls(hashes.astype(np.uint64, copy=False), rows.astype(np.int32, copy=False))

    def rows(self, key: str) -> Rows:
        """Return the rows of a key, ascending, each once; none for a key that is not known."""
        hashed = key_hash(key)
        start = self.hashes.searchsorted(hashed)
        return self.of[start : self.hashes.searchsorted(hashed, "right")]


def key_hash(key: str) -> np.uint64:
    """Return 64 bits of BLAKE2b (RFC 7693) of a key's UTF-8, the first byte the lowest."""
    encoded = key.encode(errors="surrogatepass")
    return np.uint64(int.from_bytes(blake2b(encoded, digest_size=_HASH_BYTES).digest(), "little"))
