"""Everything a caller or an operator can meet has its line in docs/reference.md."""

from pathlib import Path

import pytest

from functions.manifest import read_all
from shared.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
MANIFESTS = read_all()
ROUTES = [(route.method, route.path) for manifest in MANIFESTS.values() for route in manifest.http]
TOPICS = sorted({topic for manifest in MANIFESTS.values() for topic in manifest.publishes})


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_endpoint_has_its_line(method: str, path: str) -> None:
    assert f"| {method} `{path}` |" in REFERENCE


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_has_its_line(topic: str) -> None:
    assert f"| `{topic}` |" in REFERENCE


@pytest.mark.parametrize("folder", MANIFESTS)
def test_every_deployable_has_its_line(folder: str) -> None:
    assert f"| `{folder}` |" in REFERENCE


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_line(name: str) -> None:
    alias = Settings.model_fields[name].validation_alias
    choices = getattr(alias, "choices", [])
    variable = choices[0] if choices else f"MEDIA_GATEWAY_{name.upper()}"

    assert f"| `{variable}` |" in REFERENCE


def test_every_link_of_the_readme_leads_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [part.split(")")[0] for part in readme.split("](")[1:]]

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
