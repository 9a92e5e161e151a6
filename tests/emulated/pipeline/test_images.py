"""Images of functions are built of exactly what a plan names, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from terraform.pipeline.images import built, wanted
from terraform.pipeline.plan import Plan, PlanError
from tests.emulated.pipeline.cloud import PLACE, Cloud

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.pipeline.cloud import Google

DIGEST = "ab" * 32
KIND = "google_cloud_run_v2_service"


def plan() -> Plan:
    """Return a plan of one function."""
    build = {
        "base_image": "us-central1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/python312",
        "environment_variables": {"GOOGLE_FUNCTION_TARGET": "handle"},
        "image_uri": f"us-central1-docker.pkg.dev/p/functions/search-query:{DIGEST}",
        "source_location": f"gs://p-sources/functions/search_query-{DIGEST}.zip",
    }
    values: dict[str, Any] = {"build_config": [build]}
    one = {"address": f"{KIND}.function", "mode": "managed", "type": KIND, "values": values}
    return Plan({"planned_values": {"root_module": {"resources": [one]}}})


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    """Return a folder with the bundle of search."""
    (tmp_path / "search_query.zip").write_bytes(b"a bundle")
    return tmp_path


def test_bundle_is_uploaded_and_built_as_the_account_of_builders(
    cloud: Cloud, google: Google, bundles: Path
) -> None:
    images = wanted(plan())

    assert built(google, images, parent=PLACE, bundles=bundles) == images

    assert cloud.objects == {f"functions/search_query-{DIGEST}.zip": b"a bundle"}
    build = cloud.builds[0]
    assert build["imageUri"].endswith(f"/functions/search-query:{DIGEST}")
    assert build["storageSource"] == {
        "bucket": "p-sources",
        "object": f"functions/search_query-{DIGEST}.zip",
    }
    assert build["serviceAccount"].endswith("/builder@p.iam.gserviceaccount.com")
    assert build["buildpackBuild"]["functionTarget"] == "handle"


def test_image_that_is_there_is_not_built_again(
    cloud: Cloud, google: Google, bundles: Path
) -> None:
    cloud.images.add(DIGEST)

    assert built(google, wanted(plan()), parent=PLACE, bundles=bundles) == []
    assert cloud.builds == []


def test_source_that_is_there_is_not_uploaded_again(
    cloud: Cloud, google: Google, bundles: Path
) -> None:
    cloud.objects[f"functions/search_query-{DIGEST}.zip"] = b"the same"

    built(google, wanted(plan()), parent=PLACE, bundles=bundles)

    assert cloud.objects[f"functions/search_query-{DIGEST}.zip"] == b"the same"
    assert len(cloud.builds) == 1


def test_image_is_named_in_the_registry_as_the_plan_names_it() -> None:
    place = "projects/p/locations/us-central1/repositories/functions"

    assert wanted(plan())[0].tag == f"{place}/packages/search-query/tags/{DIGEST}"


def test_plan_without_functions_builds_nothing_and_says_so() -> None:
    with pytest.raises(PlanError, match="no service"):
        wanted(Plan({}))
