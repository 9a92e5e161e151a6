"""Who takes part in which variant: a hundred slots of viewers, each one variant's or nobody's.

A viewer stays in one slot for good, and a variant keeps its slots while its share grows or shrinks:
no change of one variant moves a viewer from another to a third.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256

from shared.kernel.errors import FieldIssue, InvalidInputError

SLOTS = 100


def slot_of(principal: str) -> int:
    """Return a viewer's slot, 0 to 99, the same in every process.

    Args:
        principal: The viewer's id.
    """
    digest = sha256(b"ranking-variant:" + principal.encode()).digest()
    return int.from_bytes(digest[:8], "big") % SLOTS


def allotted(held: Sequence[int], taken: Collection[int], share: int) -> list[int]:
    """Return the slots of a variant, as many as its share, sorted.

    Args:
        held: Those it has.
        taken: Those of the other variants.
        share: How many it shall have, 0 to 100.

    Raises:
        InvalidInputError: The other variants leave fewer.
    """
    free = [slot for slot in range(SLOTS) if slot not in taken]
    if share > len(free):
        message = f"the other variants leave {len(free)} percent of the viewers"
        issue = FieldIssue("traffic_percentage", "total-of-100", message)
        raise InvalidInputError(message, issues=[issue])
    known = set(held)
    return sorted(sorted(free, key=lambda slot: (slot not in known, slot))[:share])
