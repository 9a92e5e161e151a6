"""What may be said to endpoints of accounts, from the first value to the last (spec/auth §3)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.identity.accounts_wishes import LogIn, Register, Reset
from shared.identity.administration import DeletedUser, Impersonation, UserChange, UsersQuery
from shared.identity.api_keys_wishes import NewApiKey, Rotation
from shared.identity.parental_wishes import ControlsChange, PinTry
from shared.identity.scopes import SCOPES
from shared.runtime.audit import AuditQuery

ADDRESS = f"{'a' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.eee"
"""The longest: 64 octets before the @, 254 in all (RFC 5321 §4.5.3.1)."""
ACCOUNT = {"email": "a@b.example", "password": "p", "display_name": "A", "age_confirmed": True}
KEY: dict[str, Any] = {"name": "A", "scopes": [SCOPES[0]]}
WINDOW = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-31T00:00:00Z"}
LONGER = "2026-01-31T00:00:01Z"
LISTED = {"status": ["active", "suspended", "pending_deletion"], "order": ["asc", "desc"]}
BOUNDS: list[tuple[type[BaseModel], dict[str, Any], str, list[Any], list[Any]]] = [
    (Register, ACCOUNT, "email", [ADDRESS], ["a", f"x{ADDRESS}", f"{ADDRESS}e"]),
    (Register, ACCOUNT, "display_name", ["a", "a" * 100], ["", " ", "a" * 101]),
    (Register, ACCOUNT, "region", [None, "ES"], ["es", "ESP"]),
    (Register, ACCOUNT, "age_confirmed", [True], [False, None]),
    (LogIn, ACCOUNT, "device_id", ["a", "a" * 64], ["", "a" * 65, "a b"]),
    (LogIn, ACCOUNT, "device_name", ["", "a" * 100], ["a" * 101]),
    (Reset, {"token": "t", "new_password": "p"}, "keep_current", [True, False], ["maybe"]),
    (NewApiKey, KEY, "name", ["a", "a" * 100], ["", "a" * 101]),
    (NewApiKey, KEY, "scopes", [list(SCOPES)], [[], [*SCOPES, SCOPES[0]]]),
    (NewApiKey, KEY, "expires_in_days", [1, 365], [0, 366]),
    (NewApiKey, KEY, "rate_limit_per_minute", [1], [0]),
    (Rotation, {}, "overlap_days", [0, 30], [-1, 31]),
    (ControlsChange, {}, "pin", ["1234", "12345678", None], ["123", "123456789", "12a4", "١٢٣٤"]),
    (PinTry, {}, "pin", ["1234"], ["123", ""]),
    (
        ControlsChange,
        {},
        "content_rating_limit",
        ["G", "PG", "PG-13", "R", "NC-17"],
        ["X", "TV-MA"],
    ),
    (ControlsChange, {}, "viewing_start", ["00:00", "23:59"], ["24:00", "7:00", "07:60"]),
    (ControlsChange, {}, "viewing_end", ["00:00", "23:59"], ["24:00"]),
    (ControlsChange, {}, "timezone", ["Europe/Madrid"], ["Madrid", "localtime", "../UTC"]),
    (ControlsChange, {}, "blocked_genres", [["Horror"] * 50], [["Horror"] * 51]),
    (UsersQuery, {}, "per_page", [1, 100], [0, 101]),
    (UsersQuery, {}, "search", ["a", "a" * 100], ["", "a" * 101]),
    (UsersQuery, {}, "status", LISTED["status"], ["closed"]),
    (UsersQuery, {}, "sort_by", ["email", "display_name", "created_at"], ["password_hash"]),
    (UsersQuery, {}, "order", LISTED["order"], ["up"]),
    (UserChange, {"suspended": True}, "reason", ["a" * 10, "a" * 500], ["a" * 9, "a" * 501]),
    (UserChange, {}, "role", ["user", "premium", "family_admin", "admin"], ["service", "creator"]),
    (Impersonation, {}, "reason", ["a" * 10, "a" * 500], ["a" * 9, "a" * 501, " " * 10]),
    (AuditQuery, WINDOW, "end", [WINDOW["end"]], [LONGER, "2025-12-31T00:00:00Z"]),
    (AuditQuery, WINDOW, "per_page", [1, 200], [0, 201]),
]
USUAL: list[tuple[BaseModel, dict[str, Any]]] = [
    (NewApiKey(**KEY), {"expires_in_days": 90, "rate_limit_per_minute": 60}),
    (Rotation(), {"overlap_days": 30}),
    (UsersQuery(), {"page": 1, "per_page": 20}),
    (AuditQuery.model_validate(WINDOW), {"per_page": 50}),
]


@pytest.mark.parametrize(
    ("model", "rest", "field", "good", "bad"),
    BOUNDS,
    ids=[f"{model.__name__}.{field}" for model, _, field, _, _ in BOUNDS],
)
def test_the_last_good_value_is_taken_and_the_next_is_named(
    model: type[BaseModel], rest: dict[str, Any], field: str, good: list[Any], bad: list[Any]
) -> None:
    rest = {name: value for name, value in rest.items() if name in model.model_fields}
    for value in good:
        model.model_validate({**rest, field: value})
    for value in bad:
        with pytest.raises(ValidationError) as refusal:
            model.model_validate({**rest, field: value})
        assert {each["loc"][:1] for each in refusal.value.errors()} <= {(field,), ()}, value


@pytest.mark.parametrize("model", dict.fromkeys([*(model for model, *_ in BOUNDS), DeletedUser]))
def test_a_field_that_nobody_knows_is_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate({"is_admin": True})
    assert ("is_admin",) in {each["loc"] for each in refusal.value.errors()}


@pytest.mark.parametrize(("made", "usual"), USUAL, ids=lambda it: type(it).__name__)
def test_what_is_left_out_is_what_the_specification_says(
    made: BaseModel, usual: dict[str, Any]
) -> None:
    assert made.model_dump(include=set(usual)) == usual
