"""One array, or objects of several lines each, cut into pieces that are read one by one.

A piece runs to where its brackets are closed, whatever stands in it, so that a bad one costs itself
only. One whose brackets or quotes do not fit ends where the next object seems to begin: in the
first one's column where that stood on a line of its own, else behind a comma and with the same
name.
Pieces are held one at a time, however long the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from shared.adapters.providers.lines import BOM, BREAKS, LONGEST_LINE, SHOWN, Line, breaks_off

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase
    from typing import BinaryIO

CHUNK = 1 << 16
_OVERLAP = 1 << 10
"""Most bytes that the beginning of an object may take to be seen."""
_SPACE = b" \t\r\n"
_MARKS = re.compile(rb'[\[\]{},"]')
_IN_TEXT = re.compile(rb'(?s)\\.|["\n]')
_OPENS = {b"]": b"[", b"}": b"{"}
_FIRST_KEY = re.compile(rb'\{\s*"(?:[^"\\\n]|\\.)*"')


class _NotClosedError(Exception):
    """The piece that is being read will not close, and why."""


def first_sign(stream: BinaryIO) -> bytes:
    """Return the first byte of a file that is no space, nothing where there is none."""
    pieces = JsonPieces(stream, array=False)
    return pieces.next_sign()


class JsonPieces:
    """Cuts a stream at the ends of its values.

    Args:
        stream: Of a file, from its beginning.
        array: The values are elements of one array; else objects that follow each other.
    """

    def __init__(self, stream: BinaryIO, *, array: bool) -> None:
        self._stream, self._array = stream, array
        self._next, self._wrong_end = re.compile(rb",\s*(?=\{)"), ""
        self._at, self._line, self._element = 0, 1, 0
        self._held = self._read().removeprefix(BOM)

    def lines(self) -> Iterator[Line]:
        """Yield the pieces in their order, each with the line that it begins in."""
        if self._array and self._skip_space():
            self._go(self._at + 1)
            self._wrong_end = self._wrong_end or "the array is not closed: the file breaks off here"
        self._learn_column()
        while self._skip_space():
            if self._array and self._is_next(b"]") and self._is_last():
                return
            yield self._piece()
            if self._array and self._skip_space() and self._is_next(b","):
                self._go(self._at + 1)
        if self._wrong_end:
            yield Line(self._line, b"", self._wrong_end)

    def next_sign(self) -> bytes:
        """Return the next byte that is no space, nothing where there is none."""
        self._skip_space()
        return self._held[self._at : self._at + 1]

    def _learn_column(self) -> None:
        """Where the first value stands on a line of its own, so do the others.

        Else they begin with the same name, which objects within an object seldom do.
        """
        before = self._line
        if not self._skip_space():
            return
        if self._line > before or not self._array:
            column = self._held[self._held.rfind(b"\n", 0, self._at) + 1 : self._at]
            self._next = re.compile(rb"\n" + re.escape(column) + rb"(?=\{)")
        elif key := _FIRST_KEY.match(self._held, self._at):
            name = re.escape(key.group()[1:].lstrip())
            self._next = re.compile(rb",\s*(?=\{\s*" + name + rb")")

    def _piece(self) -> Line:
        self._element += 1
        try:
            end = self._end()
        except _NotClosedError as error:
            return self._given_up(str(error))
        content, number = self._held[self._at : end].rstrip(), self._line
        self._go(end)
        wrong = "" if content else "is empty: two commas follow each other"
        return Line(number, content, wrong, self._element)

    def _end(self) -> int:
        """Return where the value that begins here ends.

        Raises:
            _NotClosedError: It does not.
        """
        if not self._array and not self._is_next(b"{"):
            raise _NotClosedError("is no JSON object")
        begun, at, in_text = list[bytes](), self._at, False
        while True:
            mark = (_IN_TEXT if in_text else _MARKS).search(self._held, at)
            if mark is None:
                at = self._longer(at)
                continue
            sign, at = mark.group(), mark.end()
            if sign == b"\n":
                raise _NotClosedError("breaks its line within a text")
            if sign == b'"':
                in_text = not in_text
            elif not in_text and self._closes(sign, begun, mark.start()):
                return mark.start() if self._array else at

    def _closes(self, sign: bytes, begun: list[bytes], at: int) -> bool:
        """Tell whether a bracket or comma ends the value; what is open is kept in ``begun``."""
        if sign in _OPENS.values():
            begun.append(sign)
        elif sign in _OPENS and begun:
            if begun.pop() != _OPENS[sign]:
                # What is too little may have been missing long before.
                told = f"closes with {sign.decode()} what that does not open"
                raise _NotClosedError(told)
            return not begun and not self._array
        elif not begun:
            if sign == b"}" or (sign == b"]" and at == self._at):
                told = f"has a {sign.decode()} that closes nothing"
                raise _NotClosedError(told)
            return self._array
        return False

    def _longer(self, looked: int) -> int:
        """Read on, having looked at everything from ``looked`` on; returns where to look next."""
        # A backslash belongs to what comes behind it.
        left = max(looked, len(self._held) - self._held.endswith(b"\\"))
        if len(self._held) - self._at > LONGEST_LINE:
            raise _NotClosedError(f"is longer than {LONGEST_LINE} bytes")
        shift = self._at
        if not self._fill():
            raise _NotClosedError(self._wrong_end or "is not closed")
        return left - shift

    def _given_up(self, error: str) -> Line:
        """Return what is lost of a value that does not close: up to where an object begins."""
        lost, looked, number = b"", self._at + 1, self._line
        while (place := self._next.search(self._held, looked)) is None:
            lost = lost or self._held[self._at : self._at + SHOWN]
            self._go(max(self._at, len(self._held) - _OVERLAP))
            shift = self._at
            if not self._fill():
                break
            looked = max(0, looked - shift)
        end = place.start() if place else len(self._held)
        content = (lost or self._held[self._at : end]).rstrip()
        self._go(place.end() if place else end)
        if place is None:
            self._wrong_end = ""  # said by this piece
        return Line(number, content, error, self._element)

    def _is_next(self, sign: bytes) -> bool:
        return self._held.startswith(sign, self._at)

    def _is_last(self) -> bool:
        """Tell whether nothing stands behind the bracket that is next."""
        while not self._held[self._at + 1 :].strip(_SPACE):
            if not self._fill():
                return True
        return False

    def _skip_space(self) -> bool:
        """Go to the next sign; tells whether there is one."""
        while True:
            left = self._held[self._at :].lstrip(_SPACE)
            self._go(len(self._held) - len(left))
            if left or not self._fill():
                return bool(left)

    def _go(self, to: int) -> None:
        self._line += self._held.count(b"\n", self._at, to)
        self._at = to

    def _fill(self) -> bool:
        """Forget what was read and hold more; tells whether there is more."""
        more = b"" if self._ended else self._read()
        self._held, self._at = self._held[self._at :] + more, 0
        return bool(more)

    def _read(self) -> bytes:
        try:
            # What could be unpacked before a file breaks off is not lost.
            more = cast("BufferedIOBase", self._stream).read1(CHUNK)
        except BREAKS as error:
            self._wrong_end, more = breaks_off(error), b""
        self._ended = not more
        return more
