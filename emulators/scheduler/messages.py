"""Between the wire's Job and ours. Messages are raw protobuf, hence untyped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias, get_args

from google.cloud import scheduler_v1 as api
from google.protobuf import field_mask_pb2

from emulators.core.errors import invalid_argument, unimplemented
from emulators.scheduler import cron
from emulators.scheduler.job import HttpTarget, Job, Method, PubsubTarget, Retry, Token

Proto: TypeAlias = Any

PbJob: Proto = api.Job.pb()
# The fields a user may set, in the names of the wire.
SETTABLE = (
    "description",
    "pubsub_target",
    "http_target",
    "schedule",
    "time_zone",
    "retry_config",
    "attempt_deadline",
)
_METHODS: tuple[Method, ...] = get_args(Method)  # in the order of their numbers, from 1
_WITH_BODY = ("POST", "PUT", "PATCH")
_MAX_URI = 2083
_MAX_RETRIES = 5
_MIN_DEADLINE, _MAX_DEADLINE = 15.0, 1800.0
_NANO = 1_000_000_000


def job_of(message: Proto) -> Job:
    """Return a Job as ours, its output-only fields left aside.

    Raises:
        EmulatorError: INVALID_ARGUMENT or UNIMPLEMENTED names the field.
    """
    zone = message.time_zone or "Etc/UTC"
    zone = "UTC" if zone.upper() == "UTC" else zone
    cron.check(message.schedule, zone)
    target = _target_of(message)
    deadline = _seconds(message, "attempt_deadline", 180.0)
    if isinstance(target, HttpTarget) and not _MIN_DEADLINE <= deadline <= _MAX_DEADLINE:
        raise invalid_argument("job.attempt_deadline must be from 15 seconds to 30 minutes")
    return Job(
        message.name,
        message.schedule,
        target,
        zone,
        message.description,
        _retry_of(message.retry_config),
        deadline,
    )


def merged(job: Job, asked: Proto, paths: list[str]) -> Job:
    """Return a job with the fields named in ``paths`` (none: all that are given) as asked.

    Raises:
        EmulatorError: INVALID_ARGUMENT for a path that cannot be set.
    """
    current = job_message(job)
    given = [name for name in SETTABLE if any(f.name == name for f, _ in asked.ListFields())]
    mask = field_mask_pb2.FieldMask(paths=paths or given)
    for path in mask.paths:
        if path.partition(".")[0] not in SETTABLE:
            raise invalid_argument(f"update_mask: {path} is not a field that can be set")
    if not mask.IsValidForDescriptor(PbJob.DESCRIPTOR):
        raise invalid_argument(f"update_mask: {list(mask.paths)} names an unknown field")
    mask.MergeMessage(asked, current, replace_message_field=True, replace_repeated_field=True)
    wanted = job_of(current)
    kept = ("state", "next_time", "last_attempt", "outcome", "failures", "first_attempt")
    return replace(wanted, **{name: getattr(job, name) for name in kept})


def job_message(job: Job) -> Proto:
    """Return a job as the wire's Job."""
    message = PbJob(name=job.name, description=job.description, schedule=job.schedule)
    message.time_zone = job.time_zone
    message.state = int(getattr(api.Job.State, job.state))
    _set_target(message, job.target)
    _set_retry(message.retry_config, job.retry)
    if isinstance(job.target, HttpTarget):
        _set_seconds(message.attempt_deadline, job.deadline)
    _set_time(message.user_update_time, job.updated)
    if job.next_time is not None:
        _set_time(message.schedule_time, job.next_time)
    if job.last_attempt is not None:
        _set_time(message.last_attempt_time, job.last_attempt)
    if job.outcome:
        message.status.code, message.status.message = job.outcome.code, job.outcome.message
    return message


def _target_of(message: Proto) -> HttpTarget | PubsubTarget:
    which = message.WhichOneof("target")
    if which == "http_target":
        return _http_of(message.http_target)
    if which == "pubsub_target":
        return _pubsub_of(message.pubsub_target)
    if which is None:
        raise invalid_argument("job.target is required")
    raise unimplemented(f"job.{which} is not supported here")


def _http_of(message: Proto) -> HttpTarget:
    if not message.uri.startswith(("http://", "https://")) or len(message.uri) > _MAX_URI:
        raise invalid_argument(f"job.http_target.uri {message.uri!r} is not an HTTP or HTTPS URL")
    if not 0 <= message.http_method <= len(_METHODS):
        raise invalid_argument(f"job.http_target.http_method: {message.http_method} is unknown")
    method = _METHODS[max(message.http_method, 1) - 1]
    if message.body and method not in _WITH_BODY:
        raise invalid_argument(f"job.http_target.body is not allowed with {method}")
    headers = tuple(sorted(message.headers.items()))
    return HttpTarget(message.uri, method, headers, message.body, _token_of(message))


def _token_of(message: Proto) -> Token | None:
    which = message.WhichOneof("authorization_header")
    if which is None:
        return None
    token = getattr(message, which)
    if not token.service_account_email:
        raise invalid_argument(f"job.http_target.{which}.service_account_email is required")
    if which == "oidc_token":
        return Token("oidc", token.service_account_email, token.audience)
    return Token("oauth", token.service_account_email, token.scope)


def _pubsub_of(message: Proto) -> PubsubTarget:
    if not message.topic_name.startswith("projects/") or "/topics/" not in message.topic_name:
        raise invalid_argument("job.pubsub_target.topic_name must be projects/*/topics/*")
    if not message.data and not message.attributes:
        raise invalid_argument("job.pubsub_target needs data or attributes")
    attributes = tuple(sorted(message.attributes.items()))
    return PubsubTarget(message.topic_name, message.data, attributes)


def _retry_of(message: Proto) -> Retry:
    if not 0 <= message.retry_count <= _MAX_RETRIES:
        raise invalid_argument(f"job.retry_config.retry_count must be from 0 to {_MAX_RETRIES}")
    if message.max_doublings < 0:
        raise invalid_argument("job.retry_config.max_doublings must not be negative")
    retry = Retry(
        message.retry_count,
        _seconds(message, "max_retry_duration", 0.0),
        _seconds(message, "min_backoff_duration", 5.0),
        _seconds(message, "max_backoff_duration", 3600.0),
        message.max_doublings or 5,
    )
    if not 0 <= retry.min_backoff <= retry.max_backoff or retry.max_duration < 0:
        raise invalid_argument("job.retry_config: durations are negative or out of order")
    return retry


def _set_target(message: Proto, target: HttpTarget | PubsubTarget) -> None:
    if isinstance(target, PubsubTarget):
        message.pubsub_target.topic_name = target.topic
        message.pubsub_target.data = target.data
        message.pubsub_target.attributes.update(dict(target.attributes))
        return
    http = message.http_target
    http.uri, http.body = target.uri, target.body
    http.http_method = _METHODS.index(target.method) + 1
    http.headers.update(dict(target.headers))
    if target.token:
        oidc = target.token.kind == "oidc"
        token = http.oidc_token if oidc else http.oauth_token
        token.service_account_email = target.token.email
        setattr(token, "audience" if oidc else "scope", target.token.audience)


def _set_retry(message: Proto, retry: Retry) -> None:
    message.retry_count, message.max_doublings = retry.count, retry.max_doublings
    _set_seconds(message.max_retry_duration, retry.max_duration)
    _set_seconds(message.min_backoff_duration, retry.min_backoff)
    _set_seconds(message.max_backoff_duration, retry.max_backoff)


def _seconds(message: Proto, name: str, default: float) -> float:
    if not message.HasField(name):
        return default
    return float(getattr(message, name).ToNanoseconds() / _NANO)


def _set_seconds(message: Proto, seconds: float) -> None:
    message.FromNanoseconds(round(seconds * _NANO))


def _set_time(message: Proto, seconds: float) -> None:
    message.FromNanoseconds(round(seconds * _NANO))
