"""What means something in a pipeline alone is refused by name, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulators.core.errors import EmulatorError
from emulators.firestore import checks
from emulators.firestore.messages import StructuredQuery, Value
from emulators.firestore.names import Path
from emulators.firestore.queries.query import Query
from emulators.firestore.supported import IN_PIPELINES

if TYPE_CHECKING:
    from emulators.core.methods import Proto

ROOT = "projects/p/databases/d"


def filled(kind: Proto, name: str) -> Proto:
    """Return a message with one field."""
    made = kind()
    if made.DESCRIPTOR.fields_by_name[name].message_type is not None:
        getattr(made, name).SetInParent()
    else:
        setattr(made, name, "x")
    return made


@pytest.mark.parametrize("name", IN_PIPELINES["Value"].split())
def test_a_value_of_a_pipeline_is_neither_kept_nor_looked_for(name: str) -> None:
    made = filled(Value, name)
    query = StructuredQuery()
    query.where.field_filter.field.field_path = "a"
    query.where.field_filter.op = 5
    query.where.field_filter.value.CopyFrom(made)

    with pytest.raises(EmulatorError, match=name.upper()):
        checks.value(made, "a", 1)
    with pytest.raises(EmulatorError, match=name.upper()):
        Query(Path(ROOT, ()), query)
