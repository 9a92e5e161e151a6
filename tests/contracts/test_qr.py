"""Pictures that a telephone reads."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from shared.adapters import qr

ADDRESS = "https://api.mediagateway.example/auth/device/enter?user_code=WDJB-MJHT"
_MOVE = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def drawn(picture: str) -> set[tuple[int, int]]:
    """Return the dark modules of a picture, by column and row from its upper left corner."""
    path = ET.fromstring(picture).findall("path")[-1]  # noqa: S314 - made here
    x, y, found = 0.0, 0.0, set()
    for kind, first, second in _MOVE.findall(path.attrib["d"]):
        if kind == "h":
            found |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += float(first)
        else:
            x = float(first) + (x if kind == "m" else 0)
            y = float(second) + (y if kind == "m" else 0)
    return found


def test_a_picture_is_the_code_with_the_border_that_readers_need() -> None:
    matrix = segno.make(ADDRESS, error="m", micro=False, boost_error=False).matrix
    dark = {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}

    picture = qr.svg(ADDRESS)

    size = len(matrix) + 2 * qr.BORDER
    assert ET.fromstring(picture).attrib["viewBox"] == f"0 0 {size} {size}"  # noqa: S314 - made here
    assert drawn(picture) == {(x + qr.BORDER, y + qr.BORDER) for x, y in dark}


@pytest.mark.parametrize("text", [ADDRESS, "x", '"><script>'])
def test_a_picture_is_black_on_white_and_holds_nothing_but_itself(text: str) -> None:
    picture = qr.svg(text)
    assert '="#fff"' in picture
    assert '="#000"' in picture
    assert not re.search(r"script|href|url|style", picture)
    assert len(picture) < 4096
