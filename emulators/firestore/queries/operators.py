"""Numbers of the operators in filters (google.firestore.v1.StructuredQuery)."""

from __future__ import annotations

LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL = 1, 2, 3, 4, 5, 6
ARRAY_CONTAINS, IN, ARRAY_CONTAINS_ANY, NOT_IN = 7, 8, 9, 10
IS_NAN, IS_NULL, IS_NOT_NAN, IS_NOT_NULL = 2, 3, 4, 5
AND, OR = 1, 2
