"""The model of ``function.yaml``: what a function folder declares itself to be.

Terraform, the gateway's route table, the bundle, the local host and docs/api.md are made from the
same manifests, so adding an endpoint is adding a folder. ``python -m functions.manifest --json``
prints them all; ``--routes`` prints the gateway's table.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from functions.route import Auth, Fallback, Part, Route

FOLDER = Path(__file__).parent
# libyaml's own parser reads a manifest in a tenth of the time; not every wheel of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]+(?:_[a-z]+)+$")]
Topic = Annotated[str, StringConstraints(pattern=r"^[a-z]+(?:[.-][a-z]+)+$")]
Memory = Annotated[str, StringConstraints(pattern=r"^\d+(?:Mi|Gi)$")]
Group = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")]
Variable = Annotated[str, StringConstraints(pattern=r"^MEDIA_GATEWAY_[A-Z_]+$")]


class Role(StrEnum):
    """What a deployable may do; Terraform binds each on the resource that the comment names."""

    DATABASE = "roles/cloudsql.client"  # the project, for the one instance; logging in included
    INVOKE = "roles/run.invoker"  # each service that has a route
    PUBLISH = "roles/pubsub.publisher"  # each topic of `publishes`
    RAW_PAGES = "roles/storage.objectUser"  # the bucket of raw pages
    ARTIFACTS = "roles/storage.legacyBucketWriter"  # the bucket of artifacts, beside reading it
    READ_SECRETS = "roles/secretmanager.secretAccessor"  # each secret of `secrets`
    START_WORKFLOWS = "roles/workflows.invoker"  # the project, for any workflow
    VECTORS = "roles/aiplatform.user"  # the project


class Dependency(StrEnum):
    """What a deployable stands on, as `health` names it."""

    DATABASE = "database"
    EMBEDDER = "embedder"
    PUBSUB = "pubsub"
    REDIS = "redis"
    SECRETS = "secrets"
    VECTOR_INDEX = "vector_index"


SETTINGS_OF_ROLE = {
    Role.DATABASE: ("MEDIA_GATEWAY_DATABASE_INSTANCE", "MEDIA_GATEWAY_DATABASE_USER"),
    Role.INVOKE: ("MEDIA_GATEWAY_FUNCTION_URL",),
    Role.RAW_PAGES: ("MEDIA_GATEWAY_RAW_DIR",),
    Role.VECTORS: ("MEDIA_GATEWAY_VECTOR_INDEX",),
}
"""Settings without which a role is of no use, and which are of no use without it."""


class Trigger(Part):
    """What is pushed to the function.

    Attributes:
        topics: Whose events.
        dead_letters: What the consumers of all topics failed at, instead.
    """

    topics: tuple[Topic, ...] = ()
    dead_letters: bool = False

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "Trigger":
        if bool(self.topics) == self.dead_letters:
            raise ValueError("an event is of `topics`, or one of `dead_letters`")
        return self


class Schedule(Part):
    """When the function is called without an event; `cron` has five fields."""

    cron: str
    time_zone: str = Field(default="Etc/UTC", pattern=r"^[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*$")
    body: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("cron")
    @classmethod
    def _is_a_schedule(cls, value: str) -> str:
        fields = value.split(" ")
        if len(fields) != len(_CRON_FIELDS):
            raise ValueError("cron has five fields: minute, hour, day, month, weekday")
        for written, (name, least, most) in zip(fields, _CRON_FIELDS, strict=True):
            if not all(_is_in(part, least, most) for part in written.split(",")):
                raise ValueError(f"{name} {written!r} is not within {least}-{most}")
        return value


_CRON_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 7),
)
_CRON_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/([1-9]\d?))?")


def _is_in(part: str, least: int, most: int) -> bool:
    """Tell whether one of a field's parts, like ``*/5`` or ``1-5``, is within the field."""
    found = _CRON_PART.fullmatch(part)
    if found is None:
        return False
    first, last = found[1], found[2]
    numbers = [int(number) for number in (first, last) if number is not None]
    return numbers == sorted(numbers) and all(least <= number <= most for number in numbers)


class Job(Part):
    """A batch run; `tasks` work side by side on one execution."""

    tasks: int = Field(default=1, ge=1, le=100)
    max_retries: int = Field(default=1, ge=0, le=10)


class Scaling(Part):
    """How many instances, and how many requests each takes at once."""

    concurrency: int = Field(default=20, ge=1, le=1000)
    min: int = Field(default=0, ge=0)
    max: int = Field(default=10, ge=1)


class Manifest(Part):
    """One deployable. Fields as in docs/architecture.md, "A folder declares itself"."""

    summary: str = Field(min_length=10, max_length=120)
    area: str
    http: tuple[Route, ...] = ()
    event: Trigger | None = None
    schedule: Schedule | None = None
    job: Job | None = None
    publishes: tuple[Topic, ...] = ()
    memory: Memory = "512Mi"
    timeout_seconds: int = Field(default=30, ge=1, le=86_400)
    scaling: Scaling = Scaling()
    dependencies: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = Field(default=(), validate_default=True)
    secrets: tuple[SecretName, ...] = Field(default=(), validate_default=True)
    env: tuple[Variable, ...] = Field(default=(), validate_default=True)
    health: Mapping[Dependency, Literal["critical", "degraded"]] = Field(default_factory=dict)
    evaluates: tuple[str, ...] = ()

    @field_validator("publishes", "dependencies", "roles", "secrets", "env")
    @classmethod
    def _names_nothing_twice(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) != len(set(value)):
            raise ValueError("something is named twice")
        return value

    @field_validator("roles")
    @classmethod
    def _publishes_as_it_may(
        cls, value: tuple[Role, ...], info: ValidationInfo
    ) -> tuple[Role, ...]:
        if bool(info.data.get("publishes")) != (Role.PUBLISH in value):
            raise ValueError(f"{Role.PUBLISH} and `publishes` come together")
        return value

    @field_validator("secrets")
    @classmethod
    def _reads_as_it_may(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if bool(value) != (Role.READ_SECRETS in info.data.get("roles", ())):
            raise ValueError(f"{Role.READ_SECRETS} and `secrets` come together")
        return value

    @field_validator("env")
    @classmethod
    def _knows_where(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for role, settings in SETTINGS_OF_ROLE.items():
            for setting in settings:
                if (role in info.data.get("roles", ())) != (setting in value):
                    raise ValueError(f"{setting} and {role} come together")
        return value

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "Manifest":
        kinds = [bool(self.http), self.event is not None, self.job is not None]
        if sum(kinds) > 1 or not (any(kinds) or self.schedule):
            raise ValueError("a folder is one of http, event, schedule or job")
        return self

    @model_validator(mode="after")
    def _names_an_operation_once(self) -> "Manifest":
        names = [route.operation for route in self.http]
        if len(names) != len(set(names)):
            raise ValueError("an operation is named twice")
        return self


class ManifestError(Exception):
    """A folder does not declare itself properly; the message names file and fields."""


def read(file: Path) -> Manifest:
    """Return the manifest in ``file``.

    Raises:
        ManifestError: Naming the file and every field that is not acceptable.
    """
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both load what is safe
        return Manifest.model_validate(found)
    except ValidationError as error:
        issues = [
            f"{'.'.join(map(str, e['loc'])) or 'manifest'}: {e['msg']}" for e in error.errors()
        ]
        raise ManifestError(f"{file.parent.name}/{file.name}: " + "; ".join(issues)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(f"{file.parent.name}/{file.name}: {error}") from None


def read_all(folder: Path = FOLDER) -> dict[str, Manifest]:
    """Return every manifest below ``folder`` by folder name.

    Raises:
        ManifestError: One is wrong, two folders claim the same route, or a fallback cannot be one.
    """
    manifests = {f.parent.name: read(f) for f in sorted(folder.glob("*/function.yaml"))}
    faults = [*_collisions(manifests), *_bad_fallbacks(manifests), *_bad_keepers(manifests)]
    if faults:
        raise ManifestError("; ".join(faults))
    return manifests


def _collisions(manifests: Mapping[str, Manifest]) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for name, manifest in manifests.items():
        for place, route in enumerate(manifest.http):
            owner = seen.setdefault((route.method, route.shape), f"{name}.{route.operation}")
            if owner != f"{name}.{route.operation}":
                both = (
                    f"{route.method} {route.path} belongs to {owner} and {name}.{route.operation}"
                )
                yield f"{name}/function.yaml: http.{place}.path: {both}"


def _bad_keepers(manifests: Mapping[str, Manifest]) -> Iterator[str]:
    """Name who keeps dead letters without being able to deliver each again, or beside another."""
    events = {name: one.event for name, one in manifests.items() if one.event}
    consumed = {topic for event in events.values() for topic in event.topics}
    keepers = [name for name, event in events.items() if event.dead_letters]
    for name in keepers:
        lacking = ", ".join(sorted(consumed - set(manifests[name].publishes)))
        if lacking:
            yield f"{name}/function.yaml: publishes: what fails is delivered again, also {lacking}"
    if len(keepers) > 1:
        yield f"{', '.join(keepers)}: event.dead_letters: one function keeps them"


def _by_operation(manifests: Mapping[str, Manifest]) -> dict[str, Route]:
    return {route.operation: route for manifest in manifests.values() for route in manifest.http}


def _bad_fallbacks(manifests: Mapping[str, Manifest]) -> Iterator[str]:
    """Name each fallback that nobody could ask for, or whose route answers in another way."""
    known = _by_operation(manifests)
    for name, manifest in manifests.items():
        for place, route in enumerate(manifest.http):
            if route.fallback is None:
                continue
            other = known.get(route.fallback.operation)
            where = f"{name}/function.yaml: http.{place}.fallback"
            if other is None or not other.is_plain:
                yield f"{where}: names a GET that anybody may call, of a path without parameters"
            if route.stream or route.idempotent:
                yield f"{where}: not beside stream or idempotent"


def service_name(folder: str) -> str:
    """Return the service that a folder is deployed as."""
    return folder.replace("_", "-")


def described(manifests: Mapping[str, Manifest]) -> list[dict[str, Any]]:
    """Return what Terraform and the local host read, one entry per folder."""
    return [
        {"name": name, "service": service_name(name), **manifest.model_dump(mode="json")}
        for name, manifest in manifests.items()
    ]


def routes(manifests: Mapping[str, Manifest]) -> list[dict[str, Any]]:
    """Return the gateway's table: static routes before templates, each with its service."""
    known = _by_operation(manifests)
    found = [
        {
            "service": service_name(name),
            "area": manifest.area,
            "timeout_seconds": manifest.timeout_seconds,
            **route.model_dump(mode="json"),
            "fallback": _address(route.fallback, known),
        }
        for name, manifest in manifests.items()
        for route in manifest.http
        if route.auth is not Auth.SERVICE and name != "gateway"
    ]
    return sorted(found, key=lambda route: (route["path"].count("{"), route["path"]))


def _address(fallback: Fallback | None, known: Mapping[str, Route]) -> dict[str, Any] | None:
    if fallback is None:
        return None
    return {"path": known[fallback.operation].path, "ignores": list(fallback.ignores)}


def main(arguments: Sequence[str]) -> int:
    """Print the manifests as JSON; 2 where the option is unknown, 1 where a manifest is wrong."""
    shown = {"--json": described, "--routes": routes}
    if len(arguments) != 1 or arguments[0] not in shown:
        sys.stderr.write("usage: python -m functions.manifest (--json | --routes)\n")
        return 2
    try:
        manifests = read_all()
    except ManifestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(orjson.dumps(shown[arguments[0]](manifests)).decode() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
