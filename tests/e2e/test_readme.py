"""Every command the README shows for a cloud that is ready does what it says."""

import json
import re
import shlex
import shutil

import pytest

from tests.e2e.cloud import MG, ROOT, Cloud

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS[1:] for line in block.splitlines() if line.strip()]
PLAUSIBLE = {
    "curl": r'"results":\s*\[\{',
    "mg search": r"[1-9]\d* titles in",
    "mg ingest": r"lost\s*│\s*0\b",
    "mg status": r"local cloud: ready",
}


def words_of(command: str, gateway: str) -> list[str]:
    """Return a command of the README as it is run against another cloud."""
    words = shlex.split(command.replace("127.0.0.1:8080", gateway))
    return [str(MG) if word == ".venv/bin/mg" else word for word in words]


def kind_of(command: str) -> str:
    """Return which of the expectations is a command's."""
    plain = command.replace(".venv/bin/", "")
    return next(kind for kind in PLAUSIBLE if plain.startswith(kind))


def test_readme_shows_each_kind_of_command() -> None:
    assert {kind_of(command) for command in COMMANDS} == set(PLAUSIBLE)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_readme_works(cloud: Cloud, command: str) -> None:
    words = words_of(command, cloud.address("gateway"))
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed on this machine")

    done = cloud.run(words)

    assert done.code == 0, done.err
    assert re.search(PLAUSIBLE[kind_of(command)], done.out), done.out


def test_search_of_the_readme_answers_with_titles_of_the_sample(cloud: Cloud) -> None:
    command = next(command for command in COMMANDS if kind_of(command) == "mg search")

    done = cloud.run([*words_of(command, ""), "--format", "json"])

    found = json.loads(done.out)["results"]
    assert found
    assert all("netflix" in result["content"]["platforms"] for result in found)
