"""Keeps what consumers failed at, and delivers it again."""
