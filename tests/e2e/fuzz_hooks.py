"""What the API's document cannot say of a request that is right; schemathesis loads this module.

JSON Schema compares no two fields with each other, knows no public address, no secret and no letter
that shows, and cannot tell that a key was used before; nobody but us can sign a cursor. A request
that was made to be accepted is brought in line with all that; one that was made to be refused is
sent as it was made.
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis import GenerationMode

from shared.kernel import text
from tests.e2e.mounted import NOBODY

if TYPE_CHECKING:
    from schemathesis import Case, HookContext

PUBLIC = "https://93.184.215.14/hooks"
"""An address that would be called; nobody listens to what happens here."""
SMALL_RUN: dict[str, Any] = {
    "kind": "catalog",
    "full": False,
    "platforms": ["netflix"],
    "regions": ["US"],
}
"""What is really started, and the same each time."""
SIGNED = "projects/media-gateway-local/secrets/webhook-signing/versions/1"
"""The one secret of platforms that is here; notices of who names another are not taken."""
SHOWN = "heat"
PASSWORDS = ("password", "new_password")
RANGES = (
    ("year_from", "year_to"),
    ("min_runtime", "max_runtime"),
    ("min_rating", "max_rating"),
)


@schemathesis.hook
def filter_case(_context: HookContext, case: Case[Any]) -> bool:
    """Leave out lists of one empty text: in an address they are empty lists, which are good."""
    return [""] not in (case.query or {}).values()


@schemathesis.hook
def map_case(_context: HookContext, case: Case[Any]) -> Case[Any]:
    """Return a case that no rule between its fields stands against, where it is meant to pass."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return case
    if case.method == "DELETE" or "{platform}" in case.path or "/variants/{name}" in case.path:
        case.path_parameters = harmless(case.path_parameters or {})
    query = dict(case.query or {})
    query.pop("cursor", None)
    if "start" in query and "end" in query:
        query["end"] = query["start"]
    case.query = ordered(legible(query))
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = token_hex(16)
    if isinstance(case.body, dict):
        case.body = possible(legible(case.body))
        if case.path.endswith("/admin/ingestion/runs"):
            case.body |= SMALL_RUN
    return case


def harmless(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters of a path that lead to nothing others need, nor to a route of its own.

    What is deleted twice is gone the second time, and others look for it.
    """
    found = dict(parameters)
    if "platform" in found:
        found["platform"] = "netflix"
    if "id" in found:
        found["id"] = NOBODY
    if "name" in found:
        found["name"] = "trial"
    return found


def possible(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body that no rule between its fields, or of the world outside, stands against."""
    found = dict(body)
    if isinstance(found.get("filters"), dict):
        found["filters"] = ordered(found["filters"])
    if "secret_ref" in found:  # a platform's registration
        found |= {"topics": [], "previous_secret_ref": None, "secret_ref": SIGNED}
    if "availability_type" in found:  # an offer
        nothing = dict.fromkeys(
            ("deep_link", "available_from", "expires_at", "price_cents", "currency")
        )
        found |= {**nothing, "platform_content_id": token_hex(8)}
    if "into" in found:  # a title is merged into another
        found["into"] = NOBODY
    if "url" in found:
        found["url"] = PUBLIC
    new = {"email": f"{token_hex(8)}@example.com", **dict.fromkeys(PASSWORDS, token_hex(16))}
    found |= {name: value for name, value in new.items() if name in found}
    if "sources" in found:  # a ranking, whose weights make a whole
        found["sources"] = {"vector": 0.35, "graph": 0.3, "keyword": 0.2, "popularity": 0.15}
    return found


def legible(given: Any) -> Any:  # noqa: ANN401 - any part of a request
    """Return a part of a request where a text that says something says it in letters that show.

    What does not show is left out before a text is looked at, and then nothing may be left.
    """
    if isinstance(given, dict):
        return {name: legible(value) for name, value in given.items()}
    if isinstance(given, list):
        return [legible(value) for value in given]
    says_nothing = isinstance(given, str) and given and not text.clean(given)
    return SHOWN if says_nothing else given


def ordered(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields whose ranges go upward."""
    found = dict(fields)
    for low, high in RANGES:
        ends = [value for name in (low, high) if (value := found.get(name)) is not None]
        if len(ends) == len((low, high)):
            found[low], found[high] = sorted(ends, key=float)
    return found
