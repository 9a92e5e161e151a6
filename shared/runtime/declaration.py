"""What a folder declares itself to be, as the process that serves it reads it.

`functions.manifest` judged the same file before it was deployed; here nothing is checked again.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

# libyaml's own parser reads a manifest in a tenth of the time; not every wheel of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def declared(main_file: str) -> dict[str, Any]:
    """Return the ``function.yaml`` that lies beside a folder's ``main.py``; not to be changed.

    Raises:
        OSError: There is none.
    """
    written = Path(main_file).with_name("function.yaml").read_bytes()
    found: dict[str, Any] = yaml.load(written, Loader=_LOADER)  # noqa: S506 - both load what is safe
    return found
