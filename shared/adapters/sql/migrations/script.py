"""Where a step finds its SQL."""

from pathlib import Path

from sqlalchemy import TextClause, text


def script(name: str) -> TextClause:
    """Return the statements of ``migrations/{name}.sql``, colons taken as they stand."""
    written = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    return text(written.replace(":", r"\:"))
