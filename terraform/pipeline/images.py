"""Builds what functions run, of exactly what a plan names: ``python -m terraform.pipeline.images``.

Each service of a plan says in ``build_config`` what its image is made from. Its bundle is uploaded
and built by Cloud Run's own builder (buildpacks, as the account of builders), unless that image is
there already: it is named by the sha256 of its bundle, so what is there is the same.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from terraform.pipeline.cloud import GoogleError, connected
from terraform.pipeline.plan import PlanError, read
from terraform.pipeline.rules import SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from terraform.pipeline.cloud import Google, Json
    from terraform.pipeline.plan import Plan


@dataclass(frozen=True)
class Image:
    """One image to be.

    Attributes:
        uri: Its name and tag.
        bucket: Where its source lies.
        source: The object's name there.
        base: What it stands on.
        environment: Variables of its build.
    """

    uri: str
    bucket: str
    source: str
    base: str
    environment: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The tag's resource name in Artifact Registry."""
        host, project, repository, named = self.uri.split("/", 3)
        name, _, tag = named.rpartition(":")
        place = f"projects/{project}/locations/{host.removesuffix('-docker.pkg.dev')}"
        return f"{place}/repositories/{repository}/packages/{quote(name, safe='')}/tags/{tag}"

    @property
    def file(self) -> str:
        """The bundle's file name below the folder of bundles."""
        folder, _, _ = self.source.rpartition("/")[2].rpartition("-")
        return f"{folder}.zip"


def wanted(plan: Plan) -> list[Image]:
    """Return the image of every service that a plan has.

    Raises:
        PlanError: It has none.
    """
    found = []
    for service in plan.of(SERVICE):
        build = service.block("build_config")
        bucket, _, source = str(build["source_location"]).removeprefix("gs://").partition("/")
        environment = build.get("environment_variables") or {}
        found.append(Image(build["image_uri"], bucket, source, build["base_image"], environment))
    if not found:
        raise PlanError("the plan has no service that is built from a source")
    return found


def built(google: Google, images: Sequence[Image], *, parent: str, bundles: Path) -> list[Image]:
    """Build the images that are not there yet, side by side, and return them.

    Args:
        google: Who is called.
        images: What must be there afterwards.
        parent: Project and place of the builds, ``projects/P/locations/L``.
        bundles: Folder of the zip files.

    Raises:
        GoogleError: One cannot be built.
    """
    missing = [i for i in images if google.find("GET", "artifactregistry", f"v1/{i.tag}") is None]
    for image in missing:
        _upload(google, image, (bundles / image.file).read_bytes())
    started = [_submitted(google, image, parent) for image in missing]
    for operation in started:
        google.done("cloudbuild", "v1", operation)
    return missing


def _upload(google: Google, image: Image, content: bytes) -> None:
    there = f"storage/v1/b/{image.bucket}/o/{quote(image.source, safe='')}"
    if google.find("GET", "storage", there) is None:
        path = f"upload/storage/v1/b/{image.bucket}/o"
        asked = {"uploadType": "media", "name": image.source}
        google.call("POST", "storage", path, params=asked, data=content)


def _submitted(google: Google, image: Image, parent: str) -> Json:
    project = parent.split("/")[1]
    account = f"projects/{project}/serviceAccounts/builder@{project}.iam.gserviceaccount.com"
    body = {
        "storageSource": {"bucket": image.bucket, "object": image.source},
        "imageUri": image.uri,
        "serviceAccount": account,
        "buildpackBuild": {
            "baseImage": image.base,
            "enableAutomaticUpdates": False,
            "environmentVariables": dict(image.environment),
            "functionTarget": image.environment.get("GOOGLE_FUNCTION_TARGET", "handle"),
        },
    }
    answer = google.call("POST", "run", f"v2/{parent}/builds:submit", json=body)
    operation: Json = answer["buildOperation"]
    return operation


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what a plan names and list all of it; 1 where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.images")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--plan", type=Path, required=True, help="what will be applied, as JSON")
    parser.add_argument("--bundles", type=Path, required=True, help="folder of the zip files")
    parser.add_argument("--out", type=Path, required=True, help="list of every image of functions")
    asked = parser.parse_args(arguments)
    parent = f"projects/{asked.project}/locations/{asked.region}"
    try:
        images = wanted(read(asked.plan))
        made = built(connected({}), images, parent=parent, bundles=asked.bundles)
    except (PlanError, GoogleError, OSError) as error:
        sys.stderr.write(f"images: {error}\n")
        return 1
    asked.out.write_text("".join(f"{one.uri}\n" for one in images), encoding="utf-8")
    sys.stdout.write(f"{len(images)} images, {len(made)} of them built now\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
