"""What workflows reach: HTTP servers, callbacks, connectors, other workflows; and restarts."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from emulators.core.clock import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.workflows.conftest import Cloud, Serve, Start


async def test_an_http_step_is_tried_again_until_it_works(cloud: Cloud, serve_web: Serve) -> None:
    seen: list[tuple[str, Any, str]] = []

    async def flaky(request: web.Request) -> web.Response:
        seen.append((request.path_qs, await request.json(), request.headers["User-Agent"]))
        cloud.clock.advance(100)
        return web.json_response({"n": len(seen)}, status=503 if len(seen) < 3 else 200)

    address = await serve_web(flaky)
    source = f"""
- ask:
    try:
      call: http.post
      args: {{url: "{address}/x", query: {{q: "a b"}}, body: {{k: 1}}, headers: {{User-Agent: mg}}}}
      result: r
    retry: ${{http.default_retry}}
- answer: {{return: '${{[r.code, r.body.n, r.headers["Content-Type"]]}}'}}
"""
    cloud.clock.freeze()
    execution = await cloud.start(await cloud.deploy("ask", source))
    while len(seen) < 3:
        cloud.clock.advance(2)
        await cloud.executions.get_execution(name=execution)

    ended = await cloud.finished(execution)

    assert json.loads(ended.result) == [200, 3, "application/json; charset=utf-8"]
    agent = "mg GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)"
    assert seen == [("/x?q=a+b", {"k": 1}, agent)] * 3


async def test_what_a_content_type_calls_json_is_json_both_ways(
    cloud: Cloud, serve_web: Serve
) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read(), content_type=request.content_type)

    address = await serve_web(echo)
    calls = [
        {"type": "application/problem+json", "body": {"k": 1}},
        {"type": "Application/JSON; charset=utf-8", "body": {"k": 1}},
        {"type": "text/json", "body": "[1]"},
        {"type": "text/json", "body": [1]},
    ]
    source = f"""
- start: {{assign: [{{found: []}}, {{r: null}}]}}
- each:
    for:
      value: it
      in: {json.dumps(calls)}
      steps:
      - ask:
          try:
            call: http.post
            args:
              url: {address}/
              headers: {{Content-Type: '${{it.type}}'}}
              body: '${{it.body}}'
            result: r
          except: {{as: e, steps: [{{note: {{assign: [{{r: {{body: '${{e.tags}}'}}}}]}}}}]}}
      - keep: {{assign: [{{found: '${{list.concat(found, r.body)}}'}}]}}
- answer: {{return: '${{found}}'}}
"""

    ended = await cloud.finished(await cloud.start(await cloud.deploy("a", source)))

    assert json.loads(ended.result) == [{"k": 1}, {"k": 1}, "[1]", ["ValueError"]]


async def test_oidc_sends_a_token_for_the_address(cloud: Cloud, serve_web: Serve) -> None:
    claims: list[dict[str, Any]] = []

    async def private(request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims.append(cloud.context.signer.verify(token, str(request.url)))
        return web.Response(text="in")

    address = await serve_web(private)
    source = (
        f'- a: {{call: http.get, args: {{url: "{address}/f", auth: {{type: OIDC}}}}, result: r}}\n'
        "- b: {return: '${r.body}'}"
    )
    workflow = await cloud.deploy("a", source, service_account="flows@p.iam.gserviceaccount.com")

    ended = await cloud.finished(await cloud.start(workflow))

    assert ended.result == '"in"'
    assert claims[0]["email"] == "flows@p.iam.gserviceaccount.com"


async def test_errors_of_requests_carry_their_tags(cloud: Cloud, serve_web: Serve) -> None:
    async def broken(request: web.Request) -> web.Response:
        if request.path == "/cut" and request.transport:
            request.transport.close()
        return web.json_response({"why": "gone"}, status=404)

    address = await serve_web(broken)
    urls = [f"{address}/gone", f"{address}/cut", "http://127.0.0.1:9/refused", "ftp://x"]
    source = f"""
- start: {{assign: [{{found: []}}]}}
- each:
    for:
      value: url
      in: {json.dumps(urls)}
      steps:
      - ask:
          try: {{call: http.get, args: {{url: '${{url}}'}}}}
          except:
            as: e
            steps: [{{note: {{assign: [{{found: '${{list.concat(found, e)}}'}}]}}}}]
- remote:
    try: {{call: http.get, args: {{url: "https://example.com/", auth: {{type: OIDC}}}}}}
    except: {{as: e, steps: [{{note: {{assign: [{{found: '${{list.concat(found, e)}}'}}]}}}}]}}
- answer: {{return: '${{found}}'}}
"""

    ended = await cloud.finished(await cloud.start(await cloud.deploy("a", source)))

    errors = json.loads(ended.result)
    tags = ["HttpError", "ConnectionError", "ConnectionFailedError", "ValueError", "AuthError"]
    assert [error["tags"][0] for error in errors] == tags
    assert (errors[0]["code"], errors[0]["body"]) == (404, {"why": "gone"})


CALLBACK = """
- make: {call: events.create_callback_endpoint, args: {http_callback_method: PUT}, result: cb}
- tell: {call: http.post, args: {url: "ADDRESS/told", body: '${cb.url}'}}
- await_it: {call: events.await_callback, args: {callback: '${cb}', timeout: 60}, result: got}
- answer: {return: '${got.http_request}'}
"""


async def test_a_callback_wakes_the_execution_that_awaits_it(
    cloud: Cloud, serve_web: Serve
) -> None:
    told: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.Response()

    source = CALLBACK.replace("ADDRESS", await serve_web(hear))
    execution = await cloud.start(await cloud.deploy("callback", source))
    while not told:
        await cloud.executions.get_execution(name=execution)
    async with aiohttp.ClientSession() as session:
        wrong = await session.post(told[0], json={})
        right = await session.put(told[0] + "?by=me", json={"approved": True})
        ended = await cloud.finished(execution)
        late = await session.put(told[0], json={})

    request = json.loads(ended.result)
    assert (request["body"], request["query"]) == ({"approved": True}, {"by": "me"})
    assert (wrong.status, right.status, late.status) == (400, 200, 404)


async def test_a_callback_that_does_not_come_is_a_timeout(cloud: Cloud, serve_web: Serve) -> None:
    async def hear(_: web.Request) -> web.Response:
        return web.Response()

    source = CALLBACK.replace("ADDRESS", await serve_web(hear))
    execution = await cloud.start(await cloud.deploy("callback", source))
    while (await cloud.executions.get_execution(name=execution)).state.name == "ACTIVE":
        cloud.clock.advance(30)

    ended = await cloud.finished(execution)

    assert "TimeoutError" in json.loads(ended.error.payload)["tags"]


async def test_a_restart_goes_on_after_the_last_completed_step(
    start_cloud: Start, serve_web: Serve, tmp_path: Path
) -> None:
    seen: list[tuple[str, Any]] = []

    async def record(request: web.Request) -> web.Response:
        seen.append((request.path, await request.json()))
        return web.json_response({"ok": True})

    address = await serve_web(record)
    source = f"""
- start: {{assign: [{{id: '${{uuid.generate()}}'}}, {{raw: '${{text.encode("a")}}'}}]}}
- first: {{call: http.post, args: {{url: "{address}/first", body: '${{id}}'}}}}
- rest: {{call: sys.sleep, args: {{seconds: 3600}}}}
- second: {{call: http.post, args: {{url: "{address}/second", body: '${{id}}'}}}}
- count: {{assign: [{{n: '${{sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ATTEMPT")}}'}}]}}
- answer: {{return: '${{[id, text.decode(raw), n]}}'}}
"""
    before = await start_cloud(tmp_path / "journal.sqlite")
    execution = await before.start(await before.deploy("a", source))
    while not seen or not before.clock.waiting:
        await before.executions.get_execution(name=execution)
    await before.stop()

    after = await start_cloud(tmp_path / "journal.sqlite", VirtualClock())
    assert (await after.executions.get_execution(name=execution)).state.name == "ACTIVE"
    after.clock.advance(3600)
    ended = await after.finished(execution)

    assert [path for path, _ in seen] == ["/first", "/second"]
    assert json.loads(ended.result) == [seen[0][1], "a", "2"]
    assert seen[0][1] == seen[1][1]


async def test_connectors_reach_the_emulators(cloud: Cloud, serve_web: Serve) -> None:
    seen: list[tuple[str, str, Any]] = []

    async def google(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        seen.append((request.method, request.path, body))
        if request.path.endswith(":publish"):
            return web.json_response({"messageIds": ["1"]})
        if request.path.endswith(":access"):
            return web.json_response({"payload": {"data": "c2VjcmV0"}})
        done = "/operations/" in request.path
        name = "projects/p/locations/l/operations/o1"
        return web.json_response({"name": name, "done": done, "response": {"succeededCount": 1}})

    addresses: Any = cloud.context.addresses
    address = (await serve_web(google)).removeprefix("http://")
    addresses.update(pubsub=address, secret_manager=address, functions=address)
    source = """
- publish:
    call: googleapis.pubsub.v1.projects.topics.publish
    args:
      topic: projects/p/topics/catalog.fetched
      body: {messages: [{data: '${base64.encode(json.encode({"a": 1}))}'}]}
    result: published
- read_secret:
    call: googleapis.secretmanager.v1.projects.secrets.versions.accessString
    args: {secret_id: key, project_id: p}
    result: secret
- fetch:
    call: googleapis.run.v1.namespaces.jobs.run
    args:
      name: namespaces/p/jobs/catalog-fetch
      location: us
      body: {overrides: {containerOverrides: [{args: ["--provider", prime]}]}}
      connector_params: {polling_policy: {initial_delay: 0.01}}
    result: job
- answer: {return: '${[published.messageIds, secret, job.succeededCount]}'}
"""

    ended = await cloud.finished(await cloud.start(await cloud.deploy("all", source)))

    assert json.loads(ended.result) == [["1"], "secret", 1]
    assert seen[0][1] == "/v1/projects/p/topics/catalog.fetched:publish"
    assert b64decode(seen[0][2]["messages"][0]["data"]) == b'{"a":1}'
    assert seen[1][1] == "/v1/projects/p/secrets/key/versions/latest:access"
    base = "/apis/run.googleapis.com/v2/projects/p/locations/"
    assert [path for _, path, _ in seen[2:]] == [
        f"{base}us/jobs/catalog-fetch:run",
        f"{base}l/operations/o1",
    ]
    overrides = seen[2][2]["overrides"]["containerOverrides"]
    assert overrides == [{"args": ["--provider", "prime"]}]


async def test_a_failed_operation_is_an_operation_error(cloud: Cloud, serve_web: Serve) -> None:
    async def google(_: web.Request) -> web.Response:
        failed = {"name": "o", "done": True, "error": {"code": 13, "message": "job failed"}}
        return web.json_response(failed)

    addresses: Any = cloud.context.addresses
    addresses["cloud_run"] = (await serve_web(google)).removeprefix("http://")
    source = """
- run_job:
    try:
      call: googleapis.run.v2.projects.locations.jobs.run
      args: {name: projects/p/locations/l/jobs/j}
    except: {as: e, steps: [{told: {return: '${[e.tags, e.operation.error.code]}'}}]}
"""

    ended = await cloud.finished(await cloud.start(await cloud.deploy("job", source)))

    assert json.loads(ended.result) == [["OperationError"], 13]


async def test_a_workflow_runs_another_and_hears_of_its_failure(cloud: Cloud) -> None:
    await cloud.deploy(
        "child",
        "main: {params: [n], steps: [{a: {switch: [{condition: '${n < 0}', raise: negative}]}},"
        " {b: {return: '${n + 1}'}}]}",
    )
    source = """
- good:
    call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
    args: {workflow_id: child, argument: 1}
    result: r
- bad:
    try:
      call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
      args: {workflow_id: child, argument: -1}
    except: {as: e, steps: [{told: {return: '${[r, e.tags, e.operation.error.payload]}'}}]}
"""

    ended = await cloud.finished(await cloud.start(await cloud.deploy("parent", source)))

    assert json.loads(ended.result) == [2, ["OperationError"], '"negative"']
