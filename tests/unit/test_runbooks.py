"""Commands of the runbooks exist, and what they name is ours.

alerts.md has tests of its own beside the alerts.
"""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from emulators.cli.app import app
from functions.manifest import read_all, routes, service_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
PAGES = ("README.md", "deployment.md", "rollback.md", "incident.md", "restore.md")
PARTS = ("Impact", "First query", "Decision", "Commands", "Verification", "Owner")
MANIFESTS = read_all()
FUNCTIONS = {service_name(name) for name, one in MANIFESTS.items() if one.job is None}
JOBS = {service_name(name) for name, one in MANIFESTS.items() if one.job is not None}
WORKFLOWS = {file.stem for file in (ROOT / "workflows").glob("*.yaml")}
SCHEDULES = WORKFLOWS | {service_name(name) for name, one in MANIFESTS.items() if one.schedule}
SECRETS = {secret for one in MANIFESTS.values() for secret in one.secrets}
TOPICS = {topic for one in MANIFESTS.values() for topic in one.publishes}
PUSHES = {
    f"{service_name(name)}--{topic}"
    for name, one in MANIFESTS.items()
    if one.event
    for topic in one.event.topics
}
SUBSCRIPTIONS = PUSHES | {f"{topic}--dead-letter" for topic in TOPICS}

# Read with `gcloud … --help` on 2026-11-21, Google Cloud SDK 528.0.0: command groups that our pages
# use, and the flags of each that were found there.
GCLOUD: dict[str, set[str]] = {
    "auth login": set(),
    "builds list": {"--limit", "--ongoing"},
    "builds log": {"--stream"},
    "compute security-policies rules create": {"--action", "--security-policy", "--src-ip-ranges"},
    "config set": set(),
    "logging read": {"--format", "--freshness", "--limit", "--order"},
    "pubsub subscriptions describe": {"--format"},
    "pubsub subscriptions list": {"--format"},
    "pubsub subscriptions modify-push-config": {"--push-endpoint"},
    "pubsub subscriptions seek": {"--time"},
    "redis instances describe": {"--format", "--region"},
    "redis instances failover": {"--data-protection-mode", "--region"},
    "run jobs execute": {"--wait"},
    "run jobs update": {"--update-env-vars"},
    "run revisions list": {"--limit", "--service"},
    "run services describe": {"--format"},
    "run services list": set(),
    "run services logs read": {"--limit"},
    "run services update": {"--max-instances", "--update-env-vars"},
    "run services update-traffic": {"--to-latest", "--to-revisions"},
    "scheduler jobs list": {"--location"},
    "scheduler jobs pause": {"--location"},
    "scheduler jobs resume": {"--location"},
    "secrets versions add": {"--data-file"},
    "secrets versions disable": {"--secret"},
    "sql backups list": {"--instance", "--limit"},
    "sql backups restore": {"--backup-instance", "--restore-instance"},
    "sql export sql": {"--database", "--table"},
    "sql import sql": {"--database"},
    "sql instances clone": {"--point-in-time"},
    "sql instances delete": set(),
    "sql instances describe": {"--format"},
    "sql instances failover": set(),
    "sql instances promote-replica": set(),
    "sql operations list": {"--instance", "--limit"},
    "storage cp": set(),
    "storage ls": {"--all-versions"},
    "workflows executions list": {"--limit", "--location"},
    "workflows run": {"--location"},
}
# What the first word after a command must be; a word in capitals or a variable is the reader's.
NAMED = {
    "pubsub subscriptions": SUBSCRIPTIONS,
    "pubsub topics": TOPICS,
    "run jobs": JOBS,
    "run services": FUNCTIONS,
    "run services logs read": FUNCTIONS,
    "scheduler jobs": SCHEDULES,
    "secrets versions add": SECRETS,
    "workflows executions list": WORKFLOWS,
    "workflows run": WORKFLOWS,
}
# Read with `terraform … -help` on 2026-11-21.
TERRAFORM = {
    "apply": {"-input", "-var-file", "-var", "-target"},
    "init": {"-backend-config", "-input"},
    "plan": {"-detailed-exitcode", "-input", "-out", "-target", "-var", "-var-file"},
    "show": set(),
}
CURL = {"--fail", "--header", "--include", "--json", "--show-error", "--silent"}
TOOLS = {"curl", "gcloud", "git", "make", "terraform", ".venv/bin/mg", ".venv/bin/python"}


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"

    @property
    def flags(self) -> set[str]:
        """Options without their values."""
        return {word.partition("=")[0] for word in self.words[1:] if word.startswith("-")}

    @property
    def plain(self) -> list[str]:
        """Words after the tool that are no options."""
        return [word for word in self.words[1:] if not word.startswith("-")]

    @property
    def group(self) -> str:
        """The longest known gcloud command that this one begins with, or nothing."""
        starts = (" ".join(self.plain[:length]) for length in range(len(self.plain), 0, -1))
        return next((start for start in starts if start in GCLOUD), "")


def commands(page: str, text: str) -> Iterator[Command]:
    """Yield the commands of a page's ``sh`` blocks; those inside a loop too."""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&")
            lexer.whitespace_split = True
            yield from _split(page, list(lexer))


def _split(page: str, words: list[str]) -> Iterator[Command]:
    found: list[str] = []
    for word in [*words, ";"]:
        if word in {";", "|", "&&", "||"}:
            if found and found[0] not in {"for", "done"}:
                yield Command(page, tuple(found))
            found = []
        elif not (word == "do" and not found):
            found.append(word)


def text_of(page: str) -> str:
    return (FOLDER / page).read_text(encoding="utf-8")


COMMANDS = [command for page in PAGES for command in commands(page, text_of(page))]


def of(tool: str) -> list[Command]:
    """Return the commands of one tool; a tool that is never used proves nothing."""
    found = [command for command in COMMANDS if command.words[0] == tool]
    assert found, f"no page uses {tool}"
    return found


def is_open(word: str) -> bool:
    """Whether the reader fills the word in."""
    return re.fullmatch(r"[A-Z]+(?:=\d+)?|\$\w+", word) is not None


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_runbook_has_every_part_in_order(page: str) -> None:
    titles = re.findall(r"^## (.+)$", text_of(page), re.MULTILINE)

    assert titles[0] in {"Purpose", "Symptom"}
    assert tuple(titles[1:]) == PARTS


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_commands(page: str) -> None:
    assert [command for command in COMMANDS if command.page == page]


def test_every_command_is_of_a_known_tool() -> None:
    assert [str(one) for one in COMMANDS if one.words[0] not in TOOLS] == []


def test_targets_of_make_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = {one.words[1] for one in of("make")}

    assert asked - targets == set()


def test_subcommands_of_mg_exist() -> None:
    for one in of(".venv/bin/mg"):
        group = typer.main.get_command(app)
        for word in one.plain:
            known = getattr(group, "commands", {})
            assert word in known, str(one)
            group = known[word]


def test_commands_of_gcloud_are_known() -> None:
    assert [str(one) for one in of("gcloud") if not one.group] == []


def test_flags_of_gcloud_are_known() -> None:
    unknown = [str(one) for one in of("gcloud") if one.flags - GCLOUD[one.group]]

    assert unknown == []


def test_no_known_command_of_gcloud_is_left_over() -> None:
    assert set(GCLOUD) - {one.group for one in of("gcloud")} == set()


def _named(command: Command) -> tuple[set[str], list[str]]:
    """Return what a command may name, and what it names."""
    found = [prefix for prefix in NAMED if command.group.startswith(prefix)]
    if not found:
        return set(), []
    rest = command.plain[len(command.group.split()) :]
    return NAMED[max(found, key=len)], [word for word in rest[:1] if not is_open(word)]


def test_services_jobs_topics_and_secrets_are_those_of_the_manifests() -> None:
    named = [(one, *_named(one)) for one in of("gcloud")]

    assert any(names for _, _, names in named)
    assert [str(one) for one, known, names in named if set(names) - known] == []


def test_values_of_flags_name_what_is_there() -> None:
    known = {"--service": FUNCTIONS, "--secret": SECRETS}
    pairs = [
        (name, value)
        for one in of("gcloud")
        for name, _, value in (word.partition("=") for word in one.words)
        if name in known
    ]

    assert pairs
    assert [pair for pair in pairs if pair[1] not in known[pair[0]]] == []


def test_instances_are_those_that_terraform_makes() -> None:
    terraform = "\n".join(
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "terraform").glob("*.tf"))
    )
    shipped = (ROOT / "terraform" / "environments" / "prod.tfvars").read_text(encoding="utf-8")
    names = {name for page in PAGES for name in re.findall(r"\bmg-prod-([a-z]+)", text_of(page))}

    assert names
    assert {
        name
        for name in names - {"restored"}
        if f'"${{local.name}}-{name}"' not in terraform and f"{name} " not in shipped
    } == set()


def test_terraform_is_asked_what_it_knows() -> None:
    for one in of("terraform"):
        subcommand = one.plain[0]
        flags = one.flags - {"-chdir"}

        assert "-chdir=terraform" in one.words, str(one)
        assert subcommand in TERRAFORM, str(one)
        assert flags <= TERRAFORM[subcommand], str(one)


def test_files_that_terraform_is_given_are_there() -> None:
    given = [
        word.partition("=")[2]
        for one in of("terraform")
        for word in one.words
        if word.startswith(("-var-file=", "-backend-config="))
    ]

    assert given
    assert [name for name in given if not (ROOT / "terraform" / name).is_file()] == []


def test_modules_of_python_exist() -> None:
    for one in of(".venv/bin/python"):
        assert one.words[1] == "-m", str(one)
        assert importlib.util.find_spec(one.words[2]) is not None, str(one)


def test_addresses_that_are_asked_have_a_route() -> None:
    known = {route["path"] for route in routes(MANIFESTS)} | {
        route.path for route in MANIFESTS["gateway"].http
    }
    for one in of("curl"):
        address = one.plain[-1].removeprefix("https://api.media-gateway.example")

        assert one.flags <= CURL, str(one)
        assert address.partition("?")[0] in known, str(one)


def test_a_restore_switches_everything_that_reads_the_database() -> None:
    page = text_of("restore.md")
    switched = {
        name
        for names in re.findall(r"for (?:service|job) in ([a-z -]+);", page)
        for name in names.split()
    }

    readers = {service_name(name) for name, one in MANIFESTS.items() if "sql" in one.dependencies}
    assert switched == readers


def test_every_page_is_in_the_index() -> None:
    listed = set(re.findall(r"\]\(([a-z]+\.md)\)", text_of("README.md")))

    assert listed == {file.name for file in FOLDER.glob("*.md")} - {"README.md"}


def test_links_lead_somewhere() -> None:
    links = [
        (page, link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(page))
    ]

    assert links
    assert [pair for pair in links if not (FOLDER / pair[1]).exists()] == []


def test_commands_in_a_loop_are_seen() -> None:
    page = "```sh\nfor one in a b; do gcloud run jobs execute $one; done\n```\n"

    assert [one.words for one in commands("x", page)] == [
        ("gcloud", "run", "jobs", "execute", "$one")
    ]
