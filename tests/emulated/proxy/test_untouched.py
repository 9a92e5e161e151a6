"""Clients made as in production, in a process whose environment leads to the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.emulated.proxy.conftest import PROJECT

if TYPE_CHECKING:
    from tests.emulated.proxy.conftest import LocalCloud

ACCOUNT = f"local@{PROJECT}.iam.gserviceaccount.com"


def test_every_client_works_with_a_key_file(local_cloud: LocalCloud) -> None:
    answers = local_cloud.run("key")

    assert answers["messages"] == "by stream"
    assert answers["messages_by_rest"] == [f"projects/{PROJECT}/topics/letters"]
    assert answers["documents"] == ["heat", "heat"]
    assert answers["secrets"] == "open sesame"
    assert answers["workflow"] == "42"
    assert answers["schedule"].endswith("/jobs/daily")
    assert answers["vertex"] == 768
    assert answers["token_of_ours"] == ACCOUNT
    assert answers["acting_for"] == ["True", "True", "256"]
    status, message, refused = answers["not_emulated"]
    assert status == "UNIMPLEMENTED"
    assert message.startswith("storage.googleapis.com is not emulated here")
    assert "403 api.example.com is not Google's" in refused


def test_so_it_does_with_the_metadata_server(local_cloud: LocalCloud) -> None:
    answers = local_cloud.run("metadata", "messages_by_rest", "vertex", "token_of_ours")

    assert answers["vertex"] == 768
    assert answers["token_of_ours"] == ACCOUNT


def test_so_it_does_with_a_users_login(local_cloud: LocalCloud) -> None:
    assert local_cloud.run("user", "vertex") == {"vertex": 768}
