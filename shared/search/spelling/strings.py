"""Many strings in two arrays: what a snapshot can hold and a process can read without unpacking."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from shared.kernel.ragged import offsets_of

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Arrays = dict[str, npt.NDArray[np.generic]]
"""What a snapshot is made of: arrays by name."""


@dataclass(frozen=True)
class Strings:
    """A sequence of strings, stored as one run of UTF-8.

    Attributes:
        data: The bytes of all strings, one after the other.
        offsets: Shape ``(n + 1,)``: where each string begins, and where the last ends.
    """

    data: bytes
    offsets: Offsets

    @classmethod
    def of(cls, strings: Iterable[str]) -> Self:
        """Pack strings in their order."""
        encoded = [string.encode() for string in strings]
        return cls(b"".join(encoded), offsets_of(encoded))

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Self:
        """Return the strings that `arrays_of` wrote under ``name``."""
        offsets = arrays[f"{name}.offsets"].astype(np.int64, copy=False)
        return cls(arrays[f"{name}.data"].tobytes(), offsets)

    def arrays(self, name: str) -> Arrays:
        """Return these strings as arrays whose names begin with ``name``."""
        data = np.frombuffer(self.data, np.uint8)
        return {f"{name}.data": data, f"{name}.offsets": self.offsets}

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        return self.data[self.offsets[index] : self.offsets[index + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        bounds = self.offsets.tolist()
        for start, end in pairwise(bounds):
            yield self.data[start:end].decode()

    def many(self, indexes: npt.NDArray[np.integer]) -> list[str]:
        """Return the strings at ``indexes``, in that order."""
        starts, ends = self.offsets[indexes].tolist(), self.offsets[indexes + 1].tolist()
        return [self.data[a:b].decode() for a, b in zip(starts, ends, strict=True)]

    def find(self, string: str) -> int | None:
        """Return the position of a string among sorted ones, None if it is not there."""
        wanted, low, high = string.encode(errors="surrogatepass"), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.data[self.offsets[middle] : self.offsets[middle + 1]] < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self[low] == string else None
