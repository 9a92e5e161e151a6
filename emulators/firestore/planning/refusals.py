"""What a query is told that lacks an index, in production's words, and the link that makes it."""

from __future__ import annotations

import json
import shlex
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import fields
from emulators.firestore.admin.messages import Index
from emulators.firestore.planning.definitions import (
    COLLECTION,
    GROUP,
    NAME,
    Definition,
    Kind,
    is_single,
)

if TYPE_CHECKING:
    from emulators.core.methods import Proto
    from emulators.firestore.planning.definitions import Part

CONSOLE = "https://console.firebase.google.com/v1/r"
_MODES = {Kind.ASCENDING: "ASC", Kind.DESCENDING: "DESC", Kind.CONTAINS: "CONTAINS"}


def missing(root: str, index: Definition) -> errors.EmulatorError:
    """FAILED_PRECONDITION, with how the index that is missing is made.

    Args:
        root: ``projects/P/databases/D``.
        index: What is missing.
    """
    if index.parts[-1].kind is Kind.VECTOR:
        return errors.failed_precondition(
            "Missing vector index configuration. Please create the required index with the "
            f"following gcloud command: {_command(root, index)}"
        )
    if is_single(index.parts):
        part = index.parts[0]
        scope = "COLLECTION_GROUP" if index.group else "COLLECTION"
        return errors.failed_precondition(
            f"The query requires a {scope}_{_MODES[part.kind]} index for collection "
            f"{index.collection} and field {fields.written(part.path)}. You can create it here: "
            f"{_link(root, 'create_exemption', exemption(root, index))}"
        )
    name = f"{root}/collectionGroups/{index.collection}/indexes/_"
    return errors.failed_precondition(
        "The query requires an index. You can create it here: "
        f"{_link(root, 'create_composite', index.message(name))}"
    )


def exemption(root: str, index: Definition) -> Proto:
    """Return the Index of one field, whose name is the field's."""
    part = index.parts[0]
    name = f"{root}/collectionGroups/{index.collection}/fields/{fields.written(part.path)}"
    made = Index(name=name, query_scope=GROUP if index.group else COLLECTION)
    made.fields.append(index.message().fields[0])
    return made


def _link(root: str, action: str, index: Proto) -> str:
    _, project, _, database = root.split("/")
    place = "" if database == "(default)" else f"/databases/{database}"
    said = urlsafe_b64encode(index.SerializeToString()).decode().rstrip("=")
    return f"{CONSOLE}/project/{project}/firestore{place}/indexes?{action}={said}"


def _command(root: str, index: Definition) -> str:
    _, project, _, database = root.split("/")
    return " ".join(
        [
            "gcloud firestore indexes composite create",
            f"--project={project}",
            *([] if database == "(default)" else [f"--database={database}"]),
            f"--collection-group={shlex.quote(index.collection)}",
            f"--query-scope={'COLLECTION_GROUP' if index.group else 'COLLECTION'}",
            *(_config(part) for part in index.parts if part.path != NAME),
        ]
    )


def _config(part: Part) -> str:
    path = shlex.quote(f"field-path={fields.written(part.path)}")
    if part.kind is Kind.VECTOR:
        config = json.dumps({"dimension": str(part.dimension), "flat": "{}"})
        return f"--field-config=vector-config='{config}',{path}"
    if part.kind is Kind.CONTAINS:
        return f"--field-config=array-config=CONTAINS,{path}"
    return f"--field-config=order={part.kind.value},{path}"


def described(index: Definition) -> dict[str, str]:
    """Return an index as plans of queries name it."""
    parts = (f"{fields.written(part.path)} {_word(part)}" for part in index.parts)
    scope = "Collection group" if index.group else "Collection"
    return {"query_scope": scope, "properties": f"({', '.join(parts)})"}


def _word(part: Part) -> str:
    if part.kind is Kind.VECTOR:
        return f"VECTOR<{part.dimension}>"
    return _MODES[part.kind]
