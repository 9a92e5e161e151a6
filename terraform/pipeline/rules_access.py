"""Who may do what: accounts, roles, secrets, and who may come in from outside."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from functions.manifest import service_name
from terraform.pipeline.rules import JOB, SERVICE, WORKFLOW, Checkout, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform.pipeline.plan import Plan, Resource

EDGE = "gateway"
"""The one service that the load balancer may call for anyone."""
ANYONE = frozenset({"allUsers", "allAuthenticatedUsers"})
PRIMITIVE = frozenset({"roles/owner", "roles/editor", "roles/viewer"})
INGRESS = {EDGE: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"}
INTERNAL = "INGRESS_TRAFFIC_INTERNAL_ONLY"
ACCESSOR = "roles/secretmanager.secretAccessor"


def every_folder_is_deployed_once(plan: Plan, checkout: Checkout) -> Iterator[Violation]:
    """Every function folder is one service or one job, and nothing else is deployed."""
    planned = defaultdict[str, list[str]](list)
    for one in plan.of(SERVICE, JOB):
        planned[str(one.values.get("name"))].append(one.address)
    wanted = {service_name(folder): folder for folder in checkout.manifests}
    for name, folder in wanted.items():
        if name not in planned:
            yield Violation(
                f"functions/{folder}", "is not deployed", "Plan from the root module, unfiltered"
            )
    for name, addresses in planned.items():
        if name not in wanted or len(addresses) > 1:
            remedy = "Deploy each folder of functions/ once, by its own name"
            yield Violation(addresses[-1], f"deploys {name!r} beside the folders", remedy)


def every_deployable_has_its_own_account(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Every service, job and workflow runs as an account that nothing else runs as."""
    remedy = "Give it a google_service_account of its own"
    users: dict[str, str] = {}
    for one in plan.of(SERVICE, JOB, WORKFLOW):
        account = _account(one)
        if one.unknown.get("service_account") is True:
            continue  # a workflow's, made by this very plan: its module takes one of its own
        if not account:
            yield Violation(one.address, "runs as an account that the plan does not show", remedy)
        elif account in users:
            yield Violation(one.address, f"shares {account} with {users[account]}", remedy)
        else:
            users[account] = one.address


def _account(deployable: Resource) -> str:
    if deployable.kind == WORKFLOW:
        return str(deployable.values.get("service_account") or "")
    template = deployable.block("template")
    inner = (template.get("template") or [template])[0] if deployable.kind == JOB else template
    return str(inner.get("service_account") or "")


def nobody_comes_in_but_through_the_edge(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Anyone may call the gateway, through the load balancer, and nothing else."""
    for one in plan.resources:
        members = {one.values.get("member"), one.values.get("entity")}
        members |= set(one.values.get("members") or [])
        if members & ANYONE or any(who in str(one.values.get("policy_data")) for who in ANYONE):
            yield Violation(one.address, "lets in anyone", "Name the accounts that may")
    for one in plan.of(SERVICE):
        name = str(one.values.get("name"))
        if one.values.get("invoker_iam_disabled") and name != EDGE:
            yield Violation(one.address, "takes calls from anyone", "Leave its callers to IAM")
        if one.values.get("ingress") != INGRESS.get(name, INTERNAL):
            wrong = f"takes calls by {one.values.get('ingress')}"
            yield Violation(one.address, wrong, f"Set ingress to {INGRESS.get(name, INTERNAL)}")


def nobody_has_a_primitive_role(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """Nobody is owner, editor or viewer of anything."""
    for one in _bindings(plan):
        if one.values.get("role") in PRIMITIVE:
            remedy = (
                "Give the predefined roles that are needed, on the resource where it takes them"
            )
            yield Violation(one.address, f"gives {one.values['role']}", remedy)


def nothing_that_runs_administers(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """No account that serves viewers or events has an administrator's role."""
    running = {_account(one) for one in plan.of(SERVICE, JOB, WORKFLOW)}
    for one in _bindings(plan):
        role, member = str(one.values.get("role")), str(one.values.get("member"))
        if member.removeprefix("serviceAccount:") in running and role.lower().endswith("admin"):
            yield Violation(one.address, f"gives {role} to {member}", "Give what it uses instead")


def no_account_has_a_key(plan: Plan, _: Checkout) -> Iterator[Violation]:
    """No account has a key that could be carried away."""
    for one in plan.of("google_service_account_key"):
        yield Violation(one.address, "makes a key", "Act as the account: federation, impersonation")


def secrets_are_read_by_those_who_list_them(plan: Plan, checkout: Checkout) -> Iterator[Violation]:
    """Each secret is read by the folders that list it under `secrets`, and by nobody else."""
    wanted = {
        (name, checkout.account_id(folder))
        for folder, manifest in checkout.manifests.items()
        for name in manifest.secrets
    }
    granted = set()
    for one in _bindings(plan):
        if one.values.get("role") != ACCESSOR:
            continue
        secret = str(one.values.get("secret_id") or "any secret").rpartition("/")[2]
        reader = str(one.values.get("member")).removeprefix("serviceAccount:").partition("@")[0]
        granted.add((secret, reader))
        if (secret, reader) not in wanted:
            remedy = "List the secret in the folder's function.yaml, or take the binding away"
            yield Violation(one.address, f"lets {reader} read {secret}", remedy)
    for secret, reader in sorted(wanted - granted):
        remedy = "Bind it in terraform/secrets.tf"
        yield Violation(f"secret {secret}", f"is not readable by {reader}, who lists it", remedy)


def _bindings(plan: Plan) -> list[Resource]:
    return [one for one in plan.resources if "_iam_" in one.kind]


RULES = (
    Rule(every_folder_is_deployed_once, (SERVICE, JOB)),
    Rule(every_deployable_has_its_own_account, (SERVICE, JOB)),
    Rule(nobody_comes_in_but_through_the_edge, (SERVICE,)),
    Rule(nobody_has_a_primitive_role, ("google_project_iam_member",)),
    Rule(nothing_that_runs_administers, (SERVICE, "google_project_iam_member")),
    Rule(no_account_has_a_key, ("google_service_account",)),
    Rule(secrets_are_read_by_those_who_list_them, ("google_secret_manager_secret",)),
)
