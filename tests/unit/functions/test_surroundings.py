"""A manifest names exactly what its code reaches: settings, roles, secrets and topics."""

from __future__ import annotations

from dataclasses import fields

import pytest

from functions.bundle import Project
from functions.manifest import Role
from shared.adapters.connect import Addresses
from shared.runtime.settings import Settings

PROJECT = Project()
FOLDERS = sorted(PROJECT.manifests)
EVERYWHERE = {"project", "location", "vertex_url", "secret_manager", "executions_url"}
"""Addresses that follow from what every deployable is told."""
OF_REDIS = {"redis_url", "redis_auth", "redis_ca"}
OF_ENGINES = {"database_url", "database_instance", "database_user"} | OF_REDIS
"""Addresses that only the factories of `connect` read."""
OWN = {field.name for field in fields(Addresses)} - EVERYWHERE - OF_ENGINES
OF_SETTINGS = {
    "shared.runtime.viewer.authorize": {"issuer", "audience", "jwks_url"},
    "shared.adapters.providers.websub.WebSubHub": {"issuer"},
    "shared.adapters.sql.identity.accounts_letters.LetterWriter": {"issuer"},  # our own pages
    "shared.runtime.audit.archive": {"audit_archive"},
    "shared.runtime.audit.cursors": {"cursor_keys"},
    "shared.runtime.logging.note_user": {"log_key"},
    "shared.runtime.search_keys.sealer": {"log_key"},
    "shared.runtime.account_acts.verified_mail_only": {"verified_mail_only"},
    "shared.runtime.front.api_document": {"api_docs"},
    "shared.runtime.issuing.issuer": {"issuer", "audience", "token_algorithm"},
    "shared.runtime.factors._ceremonies": {"issuer", "passkey_host", "passkey_origins"},
    "shared.runtime.door.make_door": {
        "allowed_origins",
        "gateway_instances",
        "rate_factor",
        "trusted_hops",
    },
}
"""Settings that are read where they are used, by what reads them."""
SETTING_OF = {"neighbors_url": "vector_host"}
"""Addresses that are made of a setting of another name."""
WIRING = {"shared.runtime.settings", "shared.adapters.connect"}
CONNECT = "shared.adapters.connect"
ENGINES = {f"{CONNECT}.engine", f"{CONNECT}.reads"}
REDIS = {f"{CONNECT}.redis", f"{CONNECT}.redis_async"}
REACHED_BY_ROLE = {
    Role.ARTIFACTS: {
        "shared.adapters.avatars.AvatarFolder",
        "shared.adapters.picture_copies.CopyFolder",
        "shared.adapters.snapshots.write_snapshot",
    },
    Role.DATABASE: ENGINES,
    Role.INVOKE: {"shared.adapters.functions.Functions"},
    Role.PUBLISH: {"shared.adapters.pubsub.PubSubPublisher"},
    Role.READ_SECRETS: {"shared.adapters.secrets.secret"},
    Role.START_WORKFLOWS: {"shared.adapters.executions.Executions"},
    Role.VECTORS: {"shared.adapters.vector_search.VertexVectorIndex"},
}


def variable(name: str) -> str:
    return f"MEDIA_GATEWAY_{name.upper()}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_env_names_exactly_the_settings_that_are_read(folder: str) -> None:
    found = PROJECT.reach(folder)
    read = set().union(*(a for m, a in found.attributes.items() if m not in WIRING)) & OWN
    if ENGINES & found.definitions:
        read |= {"database_instance", "database_user"}
    if REDIS & found.definitions:
        read |= OF_REDIS
    for definition, names in OF_SETTINGS.items():
        if definition in found.definitions:
            read |= names

    assert set(PROJECT.manifests[folder].env) == {
        variable(SETTING_OF.get(name, name)) for name in read
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_roles_are_those_of_the_adapters_that_are_reached(folder: str) -> None:
    reached = PROJECT.reach(folder).definitions
    needed = {role for role, names in REACHED_BY_ROLE.items() if names & reached}
    if variable("raw_dir") in PROJECT.manifests[folder].env:
        needed |= {Role.RAW_PAGES}

    assert set(PROJECT.manifests[folder].roles) == needed


def test_every_name_that_a_role_is_told_by_exists() -> None:
    reached = set().union(*(PROJECT.reach(folder).definitions for folder in FOLDERS))
    assert set().union(*REACHED_BY_ROLE.values()) <= reached


def test_every_variable_of_a_manifest_is_a_setting() -> None:
    known = {variable(name) for name in Settings.model_fields}
    named = {name for manifest in PROJECT.manifests.values() for name in manifest.env}

    assert named
    assert named <= known


STATELESS = {"search.performed"}
"""Topics of events that tell of nothing their publisher keeps, and so lie in no outbox."""

LEFT = {"user.deleted"}
"""Topics whose events are left to the relay: nobody waits for them."""


def test_the_relay_may_publish_whatever_lies_in_the_outbox() -> None:
    others = {
        topic
        for folder, manifest in PROJECT.manifests.items()
        for topic in manifest.publishes
        if folder not in {"outbox_relay", "dead_letters_keep"}
    }
    assert set(PROJECT.manifests["outbox_relay"].publishes) == (others - STATELESS) | LEFT
    assert others >= STATELESS
    assert not others & LEFT
