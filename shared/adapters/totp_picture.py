"""An authenticator app's secret as a picture that a phone reads: a QR code (ISO/IEC 18004)."""

from __future__ import annotations

SCALE = 4
"""Pixels of a module: some 260 for an address of usual length."""


def qr_png(address: str) -> str:
    """Return a text as a QR code, a ``data:`` URI of a PNG; it stays whole where 15 % is lost."""
    from segno import make_qr  # noqa: PLC0415 - 60 ms, only where an app is set up

    return str(make_qr(address, error="m").png_data_uri(scale=SCALE))
