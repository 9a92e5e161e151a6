"""docs/openapi.json and docs/llms.txt are what manifests, handlers and models say."""

from __future__ import annotations

import ast
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from functions import openapi
from functions.manifest import FOLDER, read_all
from functions.openapi import document
from functions.operations import Operation, operations
from functions.responses import JSON, Problem
from functions.route import Auth, Route
from shared.catalog.answers import Availability, GenreList, PlatformList, TitlePage
from shared.gateway.idempotency import key_of
from shared.identity.protocol_answers import TokenForm, Tokens
from shared.kernel.errors import FieldIssue, InvalidInputError, MalformedError
from shared.runtime.audit import AuditEntry, AuditQuery
from shared.runtime.problems import problem
from shared.search.answer import SearchAnswer
from shared.search.query import SearchParameters, SearchQuery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

SAID: dict[str, Any] = json.loads(openapi.DOCUMENT.read_bytes())
PROBLEMS = openapi.PROBLEMS.read_text(encoding="utf-8")
OUTSIDE = [
    (route.method.lower(), route.path)
    for manifest in read_all().values()
    for route in manifest.http
    if route.auth is not Auth.SERVICE
]


def judged(whole: dict[str, Any]) -> None:
    """Check a document by the specification's own schema."""
    # Its grammars of addresses take a second, which is not for every process that collects tests.
    from openapi_spec_validator import validate  # noqa: PLC0415

    validate(whole)


def of_schema(schema: dict[str, Any]) -> Draft202012Validator:
    """Return who checks values by a schema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above

    return Draft202012Validator(schema)


class Models(BaseModel):
    """What a handler says of itself, as the generator reads it."""

    body_optional: bool = False
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    file: str = ""
    answer: type[BaseModel] | None = None
    status: int = 200


def made(models: Models, **route: Any) -> dict[str, Any]:  # noqa: ANN401 - any key of a route
    """Return the document of one operation."""
    usual = {"operation": "one", "method": "GET", "path": "/one", "auth": "public"}
    manifest = read_all()["catalog_read"]
    one = Operation("one", manifest, Route.model_validate(usual | route), "One", models)
    return document([one], problems=PROBLEMS, version="1")


def only(said: dict[str, Any]) -> dict[str, Any]:
    """Return the one operation of a document."""
    ((path,),) = [said["paths"].values()]
    ((found,),) = [path.values()]
    return dict(found)


def test_a_page_says_where_it_sends_browsers_and_that_refusals_are_pages_too() -> None:
    said = only(made(Models(), page=True))["responses"]
    assert said["303"] == {"description": "See Other"}
    assert {"text/html", "application/problem+json"} == said["403"]["content"].keys()
    assert "303" not in only(made(Models()))["responses"]


def documented() -> Iterator[tuple[str, str]]:
    for path, methods in SAID["paths"].items():
        for method in methods:
            yield method, path


def test_the_files_are_current() -> None:
    assert openapi.main(["--check"]) == 0, "run python -m functions.openapi"


def test_an_old_file_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DOCUMENT", "SUMMARY"):
        monkeypatch.setattr(openapi, name, tmp_path / name.lower())

    assert openapi.main(["--check"]) == 1
    assert "run python -m functions.openapi" in capsys.readouterr().err
    assert openapi.main([]) == 0
    assert openapi.main(["--check"]) == 0
    assert openapi.main(["--what"]) == 2


def test_the_document_is_openapi_3_1() -> None:
    judged(SAID)
    assert SAID["openapi"].startswith("3.1.")


def test_every_route_from_outside_is_documented_and_every_documented_one_exists() -> None:
    assert sorted(documented()) == sorted(OUTSIDE)
    assert not [path for _, path in documented() if "/internal/" in path]


@pytest.mark.parametrize("one", operations(read_all()), ids=lambda one: one.route.operation)
def test_every_operation_names_what_it_answers(one: Operation) -> None:
    media_type = getattr(one.described, "media_type", None)
    assert one.model("answer") is not None or media_type not in {None, JSON}


READS = {"query": "query", "json": "body"}
"""Methods of a request that read it by a model, and what the handler's description calls that."""
OF_A_PROTOCOL = {("query", "AuthorizationQuery"), ("query", "WaitingQuery")}
"""Read by OAuth's own machinery, whose errors are not problems."""
OF_FUNCTIONS = {("body", "KeyDigest")}
"""Read from functions alone, and so in no document."""


@pytest.mark.parametrize("folder", sorted({one.folder for one in operations(read_all())}))
def test_requests_are_read_by_the_models_that_are_documented(folder: str) -> None:
    tree = ast.parse((FOLDER / folder / "main.py").read_text(encoding="utf-8"))
    read = {
        (READS[call.func.attr], ast.unparse(call.args[0]).rpartition(".")[2])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr in READS and isinstance(call.args[0], ast.Name | ast.Attribute)
    }
    named = {
        (part, model.__name__)
        for one in operations(read_all())
        if one.folder == folder
        for part in READS.values()
        if (model := one.model(part)) is not None
    }
    assert read - OF_FUNCTIONS == named - OF_A_PROTOCOL


def test_the_text_for_programs_names_every_route_once() -> None:
    text = openapi.SUMMARY.read_text(encoding="utf-8")

    for method, path in OUTSIDE:
        assert text.count(f"[{method.upper()} {path}](") == 1


@pytest.mark.parametrize("schema", SAID["components"]["schemas"])
def test_every_example_conforms_to_its_schema(schema: str) -> None:
    found = SAID["components"]["schemas"][schema]
    whole = {**found, "components": SAID["components"]}

    for example in found.get("examples", ()):
        of_schema(whole).validate(example)


@pytest.mark.parametrize(
    "model", [TitlePage, Availability, GenreList, PlatformList, SearchAnswer, AuditEntry]
)
def test_every_answer_has_an_example_that_its_model_takes(model: type[BaseModel]) -> None:
    extra = model.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    assert examples
    for example in examples:
        model.model_validate(example)


def test_problems_of_a_status_name_every_code_it_may_have() -> None:
    found = SAID["components"]["responses"]["Problem404"]

    assert "`not-found`" in found["description"]
    assert "`content-not-found`" in found["description"]
    example = found["content"]["application/problem+json"]["example"]
    assert Problem.model_validate(example).status == HTTPStatus.NOT_FOUND


def test_a_real_problem_is_what_the_document_says() -> None:
    issue = FieldIssue("year_from", "greater-than-equal", "should be 1870 or later")
    real = problem(InvalidInputError("not acceptable", issues=[issue]), trace_id="12345678")

    Problem.model_validate(real, strict=True)
    assert set(real) == set(Problem.model_fields) - {"fallback"}  # of a lost service alone


def test_parameters_carry_the_constraints_of_the_model_that_reads_them() -> None:
    said = only(made(Models(query=SearchParameters)))
    found = {each["name"]: each for each in said["parameters"]}

    assert found.keys() == SearchParameters.model_fields.keys()
    assert found["page_size"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 20,
    }
    assert found["region"]["schema"]["items"] == {"type": "string", "pattern": "^[A-Z]{2}$"}
    assert (found["genres"]["schema"]["type"], found["genres"]["explode"]) == ("array", True)
    assert "422" in said["responses"]


def test_a_path_parameter_is_required_and_a_query_parameter_as_its_field_says() -> None:
    said = only(made(Models(query=AuditQuery), path="/logs/{actor_id}", auth="admin"))
    found = {each["name"]: (each["in"], each["required"]) for each in said["parameters"]}

    assert found["actor_id"] == ("path", True)
    assert found["start"] == ("query", True)
    assert found["cursor"] == ("query", False)


def test_a_body_and_an_answer_are_those_of_their_models() -> None:
    models = Models(body=SearchQuery, answer=SearchAnswer, status=201)
    whole = made(models, method="POST", idempotent=True, auth="user", scopes=["read:content"])
    said = only(whole)

    body = said["requestBody"]["content"]["application/json"]["schema"]
    answer = said["responses"]["201"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/SearchQuery"}
    assert answer == {"$ref": "#/components/schemas/SearchAnswer"}
    assert {"Filters", "SearchResult", "FoundTitle"} <= whole["components"]["schemas"].keys()
    assert [each["name"] for each in said["parameters"]] == ["Idempotency-Key"]
    assert said["security"] == [{"bearer": ["read:content"]}]
    assert {"401", "403", "409", "422"} <= said["responses"].keys()
    judged(whole)


@pytest.mark.parametrize("optional", [True, False])
def test_a_body_that_may_be_missing_is_not_required(*, optional: bool) -> None:
    whole = made(Models(body=TokenForm, body_optional=optional), method="POST")

    assert only(whole)["requestBody"]["required"] is not optional


def test_a_form_is_a_body_of_its_own_type() -> None:
    whole = made(Models(form=TokenForm, answer=Tokens), method="POST")
    content = only(whole)["requestBody"]["content"]

    reference = {"$ref": "#/components/schemas/TokenForm"}
    assert content == {"application/x-www-form-urlencoded": {"schema": reference}}
    refused = only(whole)["responses"]["400"]["content"]
    assert refused.keys() == {"application/json", "application/problem+json"}
    judged(whole)


def test_a_file_comes_as_the_field_of_a_form() -> None:
    whole = made(Models(file="avatar", answer=Tokens), method="POST")
    schema = only(whole)["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (schema["required"], list(schema["properties"])) == (["avatar"], ["avatar"])
    judged(whole)


@pytest.mark.parametrize("key", ["a-1", '"a b"', '"\\""', '""', "", "a b", "x" * 255, "x" * 256])
def test_a_key_is_documented_as_it_is_read(key: str) -> None:
    (said,) = only(made(Models(), method="POST", idempotent=True))["parameters"]
    try:
        taken = key_of({"idempotency-key": key}) is not None
    except MalformedError:
        taken = False

    assert of_schema(said["schema"]).is_valid(key) == taken


@pytest.mark.parametrize(
    ("auth", "security"),
    [("public", []), ("optional", [{}, {"bearer": []}]), ("admin", [{"bearer": []}])],
)
def test_security_is_the_routes_own(auth: str, security: list[Any]) -> None:
    said = only(made(Models(), auth=auth))

    assert said["security"] == security
    assert ("401" in said["responses"]) == (auth != "public")


def test_what_may_be_cached_may_be_unchanged() -> None:
    said = only(made(Models(), cache_seconds=60))

    assert said["responses"]["304"] == {"description": "Not Modified"}
    assert "ETag" in said["responses"]["200"]["headers"]
    assert "304" not in only(made(Models()))["responses"]


def test_a_link_leads_to_an_operation_and_names_parameters_of_it() -> None:
    by_name = {
        said["operationId"]: said for each in SAID["paths"].values() for said in each.values()
    }
    links = [
        link
        for said in by_name.values()
        for answer in said["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert links
    for link in links:
        named = {each["name"] for each in by_name[link["operationId"]]["parameters"]}
        assert link["parameters"].keys() <= named


def test_what_counts_against_a_quota_tells_what_is_left() -> None:
    told = made(Models(), rate="search")["paths"]["/one"]["get"]["responses"]["200"]["headers"]
    exempt = made(Models(), rate="none")["paths"]["/one"]["get"]["responses"]["200"]["headers"]

    assert {"RateLimit", "RateLimit-Policy"} <= told.keys()
    assert exempt.keys() == {"X-Request-Id"}


def test_two_operations_of_one_name_are_refused() -> None:
    manifests = read_all()
    twice = {"catalog_read": manifests["catalog_read"], "search_query": manifests["search_query"]}
    renamed = manifests["search_query"].http[0].model_copy(update={"operation": "get_title"})
    twice["search_query"] = twice["search_query"].model_copy(update={"http": (renamed,)})

    with pytest.raises(LookupError, match="get_title"):
        operations(twice)
