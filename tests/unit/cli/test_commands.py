"""Commands: what they print, ask and return."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from emulators.cli.terminal import table
from tests.unit.cli.conftest import Services

Run = Callable[..., Result]
PLACE = "projects/media-gateway-local/locations/us-central1"
JOBS = f"/apis/run.googleapis.com/v2/{PLACE}/jobs"
OPERATION = f"{PLACE}/operations/one"
TOKEN = "GET /computeMetadata/v1/instance/service-accounts/default/identity"  # noqa: S105 - a path
RUNS = "GET /catalog-status/api/v1/internal/ingestion/runs/r1"


def done(summary: object, error: str = "") -> dict[str, object]:
    found: dict[str, object] = {
        "name": OPERATION,
        "done": True,
        "metadata": {"annotations": {"summary": json.dumps(summary)}},
    }
    return {**found, "error": {"message": error}} if error else found


def report(stored: int, set_aside: int, state: str = "done") -> dict[str, object]:
    pending = 10 - stored - set_aside
    counts = {"read": 10, "stored": stored, "set_aside": set_aside, "pending": pending}
    return {"run_id": "r1", "state": state, **counts, "by_stage": {"fetched": 10}}


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "words", [("status",), ("search", "heat"), ("run", "seed"), ("clock", "show")]
)
def test_nothing_running_is_a_failure_said_in_one_object(mg: Run, words: tuple[str, ...]) -> None:
    result = mg(*words, "--format", "json")

    assert result.exit_code == 1
    assert "does not run" in json.loads(result.stdout)["error"]


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("search",),
        ("ingest", "missing.csv", "--provider", "generic"),
        ("workflow", "catalog_refresh", "--data", "{"),
        ("exec",),
        ("logs", "--follow", "--format", "json"),
        ("clock", "advance", "--format", "yaml", "1"),
    ],
)
def test_wrong_usage_ends_with_2(mg: Run, words: tuple[str, ...]) -> None:
    assert mg(*words).exit_code == 2


def test_search_asks_the_gateway_and_prints_its_answer(mg: Run, services: Services) -> None:
    content = {
        "title": "Heat",
        "release_year": 1995,
        "content_type": "movie",
        "platforms": ["hulu"],
    }
    found = {"results": [{"content": content, "relevance_score": 0.9}]}
    answer = {**found, "total_count": 1, "search_time_ms": 3, "degraded": ["vector"]}
    services.on("GET /api/v1/search", (200, answer))

    text = mg("search", "a heist", "--platform", "netflix", "--platform", "hulu")

    asked = "GET /api/v1/search?q=a+heist&page_size=10&platforms=netflix&platforms=hulu"
    assert services.asked[-1][0] == asked
    assert "Heat" in text.stdout
    assert "without vector" in text.stdout
    assert json.loads(mg("search", "a", "--format", "json").stdout) == answer


def test_refused_search_fails_with_the_gateways_own_words(mg: Run, services: Services) -> None:
    services.on("GET /api/v1/search", (422, {"detail": "region: not a country"}))

    result = mg("search", "heat", "--format", "json")

    assert result.exit_code == 1
    assert "not a country" in json.loads(result.stdout)["error"]


def test_job_runs_with_the_words_after_its_name(mg: Run, services: Services) -> None:
    services.on(f"POST {JOBS}/db-migrate:run", (200, {"name": OPERATION, "done": False}))
    services.on(f"GET /apis/run.googleapis.com/v2/{OPERATION}", (200, done({"version": "0001"})))

    result = mg("run", "db_migrate", "--target", "head", "--format", "json")

    assert json.loads(result.stdout) == {"job": "db_migrate", "summary": {"version": "0001"}}
    body = json.loads(services.asked[0][1])
    assert body["overrides"]["containerOverrides"][0]["args"] == ["--target", "head"]


def test_failed_job_ends_with_1_and_its_message(mg: Run, services: Services) -> None:
    services.on(f"POST {JOBS}/seed:run", (200, done({}, "seed ended with 1: no provider")))

    result = mg("run", "seed")

    assert result.exit_code == 1
    assert "no provider" in result.stderr


def test_ingest_waits_until_each_item_is_stored_or_set_aside(
    mg: Run, services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("title\nHeat\n")
    services.on(f"POST {JOBS}/catalog-fetch:run", (200, done({"run_id": "r1", "read": 10})))
    services.on(TOKEN, (200, "token"))
    services.on(RUNS, (200, report(4, 0, "running")), (200, report(9, 1)))

    result = mg("ingest", str(file), "--provider", "generic", "--format", "json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["stored"], answer["set_aside"], answer["lost"]) == (9, 1, 0)
    args = json.loads(services.asked[0][1])["overrides"]["containerOverrides"][0]["args"]
    assert args == ["--provider", "generic", "--region", "US", "--path", str(file)]


def test_lost_items_are_a_failure(mg: Run, services: Services, tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.touch()
    services.on(f"POST {JOBS}/catalog-fetch:run", (200, done({"run_id": "r1"})))
    services.on(TOKEN, (200, "token"))
    services.on(RUNS, (200, report(7, 1)))

    result = mg("ingest", str(file), "--provider", "generic", "--format", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["lost"] == 2


@pytest.mark.parametrize(("state_name", "code"), [("SUCCEEDED", 0), ("FAILED", 1)])
def test_workflow_tells_its_result(mg: Run, services: Services, state_name: str, code: int) -> None:
    name = f"{PLACE}/workflows/catalog-refresh/executions/e1"
    path = f"/v1/{PLACE}/workflows/catalog-refresh/executions"
    ended = {"name": name, "state": state_name, "result": '{"parts": 3}'}
    services.on(f"POST {path}", (200, {"name": name, "state": "ACTIVE"}))
    services.on(f"GET /v1/{name}", (200, ended))

    result = mg("workflow", "catalog_refresh", "--data", '{"kind": "all"}', "--format", "json")

    assert result.exit_code == code
    assert json.loads(result.stdout)["result"] == {"parts": 3}
    assert json.loads(services.asked[0][1]) == {"argument": '{"kind": "all"}'}


def test_evaluate_runs_the_areas_job(mg: Run, services: Services, tmp_path: Path) -> None:
    services.on(f"POST {JOBS}/matching-evaluate:run", (200, done({"f1": 0.97})))

    result = mg("evaluate", "matching", "--data", str(tmp_path), "--format", "json")

    assert json.loads(result.stdout)["summary"] == {"f1": 0.97}


def test_fault_is_sent_as_it_was_asked_for(mg: Run, services: Services) -> None:
    services.on("POST /_mg/faults", (200, {"rules": []}))

    assert mg("faults", "add", "delay", "--service", "vertex", "--seconds", "2").exit_code == 0

    sent = json.loads(services.asked[-1][1])
    assert (sent["action"], sent["service"], sent["seconds"]) == ("delay", "vertex", 2.0)


def test_firestore_is_made_strict_by_what_is_named_alone(mg: Run, services: Services) -> None:
    services.on("PUT /emulator/v1/strict", (200, {"indexes": True, "write_rate": False}))

    answer = json.loads(mg("firestore", "strict", "--indexes", "on", "--format", "json").stdout)

    assert answer == {"indexes": True, "write_rate": False}
    assert json.loads(services.asked[-1][1]) == {"indexes": True}


def test_a_file_of_indexes_is_printed_and_read_back(
    mg: Run, services: Services, tmp_path: Path
) -> None:
    place = "/emulator/v1/projects/media-gateway-local/databases/(default)/indexes"
    content: dict[str, list[object]] = {"indexes": [], "fieldOverrides": []}
    services.on(f"GET {place}", (200, content))
    services.on(f"PUT {place}", (200, {"indexes": 0, "fieldOverrides": 0}))
    file = tmp_path / "firestore.indexes.json"

    file.write_text(mg("firestore", "indexes").stdout)
    assert mg("firestore", "load", str(file)).exit_code == 0
    assert json.loads(services.asked[-1][1]) == content

    file.write_text("{")
    assert mg("firestore", "load", str(file)).exit_code == 1


def test_status_tells_what_does_not_answer_and_goes_on(mg: Run, services: Services) -> None:
    services.on("GET /_mg/status", (200, {"functions": {"gateway": {"state": "ready"}}}))
    services.on(TOKEN, (200, "token"))
    services.on("GET /catalog-status/api/v1/internal/ingestion/status", (503, {"error": "asleep"}))

    answer = json.loads(mg("status", "--format", "json").stdout)

    assert answer["functions"]["gateway"]["state"] == "ready"
    assert "asleep" in answer["ingestion"]["error"]
    assert answer["sample"] == {"password of every sample viewer": ""}


def test_status_tells_what_the_samples_viewers_sign_in_with(mg: Run, services: Services) -> None:
    services.on(
        "GET /v1/projects/media-gateway-local/secrets/sample-password/versions/latest:access",
        (200, {"payload": {"data": "c2V2ZW4gd2luZG93cw=="}}),
    )

    answer = json.loads(mg("status", "--format", "json").stdout)
    assert answer["sample"] == {"password of every sample viewer": "seven windows"}


@pytest.mark.usefixtures("services")
def test_env_can_be_evaluated_by_a_shell(mg: Run) -> None:
    assert mg("env").stdout == """export A='it'"'"'s'\n"""
    assert json.loads(mg("env", "--format", "json").stdout) == {"environment": {"A": "it's"}}


def test_env_of_production_leads_around_no_proxy(mg: Run, services: Services) -> None:
    told = {"environment": {"HTTPS_PROXY": "http://127.0.0.1:1"}, "unset": ["A"]}
    services.on("GET /_mg/production", (200, told))

    shown = mg("env", "--production", "--credentials", "user").stdout
    run = mg("exec", "--production", "--format", "json", "--", "sh", "-c", 'echo "$A$HTTPS_PROXY"')

    assert shown == "unset A\nexport HTTPS_PROXY=http://127.0.0.1:1\n"
    assert services.asked[0][0] == "GET /_mg/production?credentials=user"
    assert mg("env", "--production", "--credentials", "none").exit_code == 2
    assert json.loads(run.stdout)["stdout"] == "http://127.0.0.1:1\n"


@pytest.mark.usefixtures("services")
def test_exec_gives_a_command_the_variables_and_returns_its_code(mg: Run) -> None:
    result = mg("exec", "--format", "json", "--", "sh", "-c", 'echo "$A"; exit 3')

    assert result.exit_code == 3
    assert json.loads(result.stdout)["stdout"] == "it's\n"


def test_logs_show_the_end_of_what_was_asked_for(mg: Run, state: Path) -> None:
    (state / "logs").mkdir()
    (state / "logs" / "search_query.log").write_text("one\ntwo\n")

    assert mg("logs", "search-query", "--lines", "1").stdout == "search_query: two\n"
    assert mg("logs", "nobody").exit_code == 1


def test_reset_removes_what_is_kept_but_not_what_was_fetched(mg: Run, state: Path) -> None:
    for name in ("wheels", "artifacts", "postgres"):
        (state / name).mkdir()
    (state / "seeded.json").touch()

    assert mg("reset").exit_code == 0
    assert sorted(p.name for p in state.iterdir()) == ["artifacts", "wheels"]


@pytest.mark.usefixtures("services")
def test_fresh_start_over_a_running_cloud_is_refused(mg: Run) -> None:
    assert mg("up", "--detach", "--fresh").exit_code == 1
    assert mg("up", "--detach").exit_code == 0


def test_a_long_value_is_shown_whole_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    table("sample", {"password": "0123456789" * 5})

    shown = "".join(char for char in capsys.readouterr().out if char.isdigit())
    assert shown == "0123456789" * 5
