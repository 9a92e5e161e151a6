"""docs/openapi.json and docs/llms.txt from manifests and handlers: ``python -m functions.openapi``.

Routes, who may call and what is cached come from the manifests; parameters, bodies and answers from
the models that a handler names with `shared.runtime.http.describes` and reads its request by;
problems from docs/problems.md. ``--check`` tells whether the files are old.
"""

from __future__ import annotations

import re
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import orjson
from pydantic.json_schema import models_json_schema

from functions.manifest import FOLDER, ManifestError, read_all
from functions.operations import operations
from functions.responses import (
    FORM,
    JSON,
    REFERENCE,
    Problem,
    ProtocolError,
    codes_by_status,
    problem_response,
    responses,
)
from functions.route import Auth
from shared.gateway.idempotency import KEY_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

    from functions.operations import Operation
    from functions.route import Route

ROOT = FOLDER.parent
DOCUMENT = ROOT / "docs" / "openapi.json"
SUMMARY = ROOT / "docs" / "llms.txt"
PROBLEMS = ROOT / "docs" / "problems.md"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERRED = re.compile(r'"#/components/schemas/([^"]+)"')


def document(found: Sequence[Operation], *, problems: str, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document.

    Args:
        found: Every operation.
        problems: Text of docs/problems.md.
        version: Of the product.
    """
    schemas, references = _schemas(found)
    known = codes_by_status(problems)
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        said = _described(one, schemas, references, known)
        paths.setdefault(one.route.path, {})[one.route.method.lower()] = said
    refused = {f"Problem{status}": problem_response(status, of) for status, of in known.items()}
    used = _used({"paths": paths, "responses": refused}, schemas)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": _information(version),
        "servers": [{"url": "/", "description": "The gateway"}],
        "tags": [{"name": area} for area in sorted({one.manifest.area for one in found})],
        "paths": paths,
        "components": {
            "schemas": used,
            "responses": refused,
            "headers": HEADERS,
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _information(version: str) -> dict[str, Any]:
    return {
        "title": "Media Gateway",
        "version": version,
        "description": "One place to find, choose and continue anything to watch.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token of the issuer (RFC 9068).",
}
HEADERS = {
    "X-Request-Id": {
        "description": "The request's id, the caller's own where it is acceptable.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9-]{8,64}$"},
    },
    "Retry-After": {
        "description": "Seconds to wait (RFC 9110 §10.2.3).",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "What to show, and what was wrong with what was shown (RFC 6750 §3).",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The answer's version, for `If-None-Match` (RFC 9110 §8.8.3).",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the quota that ends first (IETF httpapi draft 11).",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The caller's quotas (IETF httpapi draft 11).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "The list's first page and the page's neighbors (RFC 8288).",
        "schema": {"type": "string"},
    },
}


def _schemas(found: Sequence[Operation]) -> tuple[dict[str, Any], dict[tuple[type, str], Any]]:
    """Return all schemas by name, and what refers to each model."""
    modes: dict[str, JsonSchemaMode] = {
        "query": "validation",
        "body": "validation",
        "form": "validation",
        "answer": "serialization",
    }
    asked: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
        (Problem, "serialization"): None,
        (ProtocolError, "serialization"): None,
    }
    for one in found:
        models = {part: one.model(part) for part in modes}
        asked |= {(model, modes[part]): None for part, model in models.items() if model}
    references, made = models_json_schema(list(asked), ref_template=REFERENCE)
    return made.get("$defs", {}), dict(references)  # type: ignore[arg-type]


def _used(where: object, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas that something refers to, directly or through others, by name."""
    kept: set[str] = set()
    left = set(_REFERRED.findall(orjson.dumps(where).decode()))
    while left:
        kept |= left
        text = b"".join(orjson.dumps(schemas[name]) for name in left).decode()
        left = set(_REFERRED.findall(text)) - kept
    return {name: schemas[name] for name in sorted(kept)}


def _described(
    one: Operation,
    schemas: Mapping[str, Any],
    references: Mapping[tuple[type, str], Any],
    known: Mapping[int, object],
) -> dict[str, Any]:
    route, answer = one.route, one.model("answer")
    said: dict[str, Any] = {
        "operationId": route.operation,
        "summary": one.summary,
        "tags": [one.manifest.area],
        "security": _security(route),
    }
    parameters = [*_parameters(one, schemas, references), *_headers(one)]
    if parameters:
        said["parameters"] = parameters
    for part, kind in ((one.model("body"), JSON), (one.model("form"), FORM)):
        if part is not None:
            content = {kind: {"schema": references[part, "validation"]}}
            required = not one.described.body_optional
            said["requestBody"] = {"required": required, "content": content}
    if file := getattr(one.described, "file", ""):
        said["requestBody"] = _upload(file)
    schema = {} if answer is None else references[answer, "serialization"]
    said["responses"] = dict(responses(one, schema, known))
    return said


def _upload(field: str) -> dict[str, Any]:
    """Return a form that brings a file (RFC 7578)."""
    properties = {field: {"type": "string", "contentMediaType": "application/octet-stream"}}
    schema = {"type": "object", "required": [field], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _security(route: Route) -> list[dict[str, list[str]]]:
    """Return who may call; a provider's signature is no scheme that a client can try."""
    needed = {"bearer": list(route.scopes)}
    return {
        Auth.PUBLIC: [],
        Auth.SIGNATURE: [],
        Auth.OPTIONAL: [{}, needed],
        Auth.USER: [needed],
        Auth.ADMIN: [needed],
    }[route.auth]


def _parameters(
    one: Operation, schemas: Mapping[str, Any], references: Mapping[tuple[type, str], Any]
) -> Iterator[dict[str, Any]]:
    """Yield path and query parameters with the constraints of the model that reads them."""
    model = one.model("query")
    if model is None:
        for name in re.findall(r"{(\w+)}", one.route.path):
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        return
    schema = schemas[references[model, "validation"]["$ref"].rpartition("/")[2]]
    for name, property_ in schema.get("properties", {}).items():
        in_path = f"{{{name}}}" in one.route.path
        said = _given(property_)
        yield {
            "name": name,
            "in": "path" if in_path else "query",
            "required": in_path or name in schema.get("required", ()),
            "schema": said,
            **({"style": "form", "explode": True} if said.get("type") == "array" else {}),
        }


def _given(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter: one that is not given is absent, never null."""
    kept = {name: value for name, value in schema.items() if name != "title"}
    options = [each for each in kept.pop("anyOf", ()) if each.get("type") != "null"]
    if kept.get("default", ...) is None:
        del kept["default"]
    return {**options[0], **kept} if len(options) == 1 else {**kept, **_any_of(options)}


def _any_of(options: Sequence[object]) -> dict[str, Any]:
    return {"anyOf": list(options)} if options else {}


def _headers(one: Operation) -> Iterator[dict[str, Any]]:
    for name, pattern in getattr(one.described, "headers", {}).items():
        needed: dict[str, Any] = {"type": "string", "pattern": pattern}
        yield {"name": name, "in": "header", "required": True, "schema": needed}
    if one.route.idempotent:
        what = "The same key again is answered as the first time, for 24 hours."
        schema = {"type": "string", "pattern": KEY_PATTERN}
        yield {"name": "Idempotency-Key", "in": "header", "description": what, "schema": schema}


LLMS_HEAD = """# Media Gateway

> One place to find, choose and continue anything to watch: search over the catalogs of streaming
> platforms, title pages, and where a title can be watched now, over HTTP and JSON.

Ids are UUIDs, regions ISO 3166-1 alpha-2, times RFC 3339 in UTC. Errors are problem documents
(RFC 9457); look at `code`. The whole API is in [/api-docs/openapi.json](/api-docs/openapi.json).
"""


def summary(found: Sequence[Operation]) -> str:
    """Return the text of docs/llms.txt: every operation by area, for readers that are programs."""
    parts = [LLMS_HEAD]
    for area in sorted({one.manifest.area for one in found}):
        lines = [_line(one) for one in found if one.manifest.area == area]
        parts.append(f"\n## {area}\n\n" + "".join(lines))
    return "".join(parts)


def _line(one: Operation) -> str:
    route = one.route
    pointer = route.path.replace("~", "~0").replace("/", "~1") + f"/{route.method.lower()}"
    who = {Auth.PUBLIC: "", Auth.OPTIONAL: " A token is honored."}.get(
        route.auth, f" For: {route.auth}."
    )
    target = f"/api-docs/openapi.json#/paths/{pointer}"
    return f"- [{route.method} {route.path}]({target}): {one.summary}.{who}\n"


def made() -> dict[Path, str]:
    """Return the text of every file by its place."""
    found = operations(read_all())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    problems = PROBLEMS.read_text(encoding="utf-8")
    said = document(found, problems=problems, version=project["version"])
    written = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return {DOCUMENT: written.decode(), SUMMARY: summary(found)}


def main(arguments: Sequence[str]) -> int:
    """Write the files, or compare them; 1 where one is old or a manifest wrong, 2 for bad usage."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m functions.openapi [--check]\n")
        return 2
    try:
        texts = made()
    except (ManifestError, LookupError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not arguments:
        for file, text in texts.items():
            file.write_text(text, encoding="utf-8")
        return 0
    old = [f for f, text in texts.items() if not f.exists() or f.read_text("utf-8") != text]
    if old:
        names = ", ".join(f"docs/{file.name}" for file in old)
        sys.stderr.write(f"{names} not as the code says: run python -m functions.openapi\n")
    return 1 if old else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
