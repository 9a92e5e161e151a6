"""Files that only we may read."""

import os
import secrets
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def write_private(path: Path, content: str) -> None:
    """Put a file in place in one step; nobody else may read it at any moment."""
    path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)
