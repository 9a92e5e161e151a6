"""The tables of methods say what the installed clients say."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from emulators.core.client_types import types_of
from emulators.core.methods import described, stored
from emulators.coverage import SERVICES, Service
from emulators.method_tables import tables

TABLED = [service for service in SERVICES if service.name in {"pubsub", "firestore"}]


def test_each_table_is_what_would_be_written() -> None:
    made = tables()

    assert [file.parent.name for file in made] == [service.name for service in TABLED]
    assert [file for file, text in made.items() if file.read_text(encoding="utf-8") != text] == []


@pytest.mark.parametrize("service", TABLED, ids=lambda service: str(service.name))
def test_a_service_that_reads_its_table_knows_the_same_methods(service: Service) -> None:
    asked = [getattr(importlib.import_module(m), name) for m, name in service.transports]
    found = [[(each, each.rules) for each in described(transport)] for transport in asked]

    read = [[(each, each.rules) for each in client] for client in stored(service.name).values()]

    assert read == found


def test_a_client_that_is_imported_after_its_types_shares_them() -> None:
    code = """
import sys
from emulators.core.client_types import types_of
types = types_of("google.pubsub_v1")
assert "google.pubsub_v1" not in sys.modules
from google.pubsub_v1 import PublisherClient, Topic
print(Topic is types.Topic, PublisherClient.__name__)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours

    assert done.stdout.split() == ["True", "PublisherClient"]


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_client"):
        types_of("no_such_client")
