"""What a subscription's configuration means for its deliveries, with the service's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import names, values
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from emulators.core.methods import Proto

_DEFAULT_ACK_SECONDS = 10
_MAX_ACK_SECONDS = 600
_DEFAULT_RETENTION_SECONDS = 7 * 86400
_RETENTION_SECONDS = (600, 31 * 86400)
_DEFAULT_TTL_SECONDS = 31 * 86400
_LEAST_TTL_SECONDS = 86400
_DEFAULT_ATTEMPTS = 5
_ATTEMPTS = (5, 100)
_DEFAULT_BACKOFF_SECONDS = (10.0, 600.0)
# Push backs off by itself; a retry policy replaces this.
_PUSH_BACKOFF_SECONDS = (0.1, 60.0)


@dataclass(frozen=True)
class Settings:
    """Deliveries of one subscription.

    Attributes:
        ack_seconds: How long a delivered message is leased.
        retention_seconds: How long an unacknowledged message is kept.
        ordered: Whether ordering keys are honored.
        exactly_once: Whether an answer counts only as long as its lease lasts.
        backoff: Least and greatest wait before a redelivery; None for none.
        dead_letter_topic: Where messages go that failed too often; empty for nowhere.
        max_attempts: How often is too often.
    """

    ack_seconds: float
    retention_seconds: float
    ordered: bool
    exactly_once: bool
    backoff: tuple[float, float] | None
    dead_letter_topic: str
    max_attempts: int

    def delay(self, failures: int) -> float:
        """Return the wait after the given number of failed deliveries, at least 1: exponential."""
        if self.backoff is None:
            return 0.0
        least, most = self.backoff
        # 2**64 exceeds every possible ratio; without the cap the float would overflow.
        return min(most, least * 2.0 ** min(failures - 1, 64))


def settings(subscription: Proto) -> Settings:
    """Read a completed configuration."""
    dead = subscription.dead_letter_policy
    return Settings(
        ack_seconds=subscription.ack_deadline_seconds,
        retention_seconds=max(
            _seconds(subscription.message_retention_duration),
            _seconds(subscription.topic_message_retention_duration),
        ),
        ordered=subscription.enable_message_ordering,
        exactly_once=subscription.enable_exactly_once_delivery,
        backoff=_backoff(subscription),
        dead_letter_topic=dead.dead_letter_topic,
        max_attempts=dead.max_delivery_attempts,
    )


def complete(subscription: Proto) -> None:
    """Fill in the service's defaults and check every value.

    Raises:
        EmulatorError: UNIMPLEMENTED with the field's name, or INVALID_ARGUMENT.
    """
    FIELDS.refuse(subscription)
    subscription.ack_deadline_seconds = subscription.ack_deadline_seconds or _DEFAULT_ACK_SECONDS
    check_ack_deadline(subscription.ack_deadline_seconds, least=_DEFAULT_ACK_SECONDS)
    if not subscription.HasField("message_retention_duration"):
        subscription.message_retention_duration.seconds = _DEFAULT_RETENTION_SECONDS
    _check_range(
        "message_retention_duration",
        _seconds(subscription.message_retention_duration),
        _RETENTION_SECONDS,
    )
    if not subscription.HasField("expiration_policy"):
        subscription.expiration_policy.ttl.seconds = _DEFAULT_TTL_SECONDS
    values.check_labels(subscription.labels)
    _check_expiration(subscription.expiration_policy)
    _complete_policies(subscription)
    subscription.state = 1  # ACTIVE


def check_topic(topic: Proto) -> None:
    """Accept a topic's configuration.

    Raises:
        EmulatorError: UNIMPLEMENTED with the field's name, or INVALID_ARGUMENT.
    """
    FIELDS.refuse(topic)
    if topic.HasField("message_retention_duration"):
        retention = _seconds(topic.message_retention_duration)
        _check_range("message_retention_duration", retention, _RETENTION_SECONDS)
    values.check_labels(topic.labels)
    if topic.HasField("message_storage_policy"):
        values.check_regions(topic.message_storage_policy.allowed_persistence_regions)


def _check_expiration(policy: Proto) -> None:
    if policy.HasField("ttl") and _seconds(policy.ttl) < _LEAST_TTL_SECONDS:
        raise errors.invalid_argument(
            f"Invalid expiration_policy.ttl given (ttl={_seconds(policy.ttl):g}): it must be at "
            f"least {_LEAST_TTL_SECONDS} seconds."
        )


def _complete_policies(subscription: Proto) -> None:
    if subscription.HasField("dead_letter_policy"):
        policy = subscription.dead_letter_policy
        names.check(policy.dead_letter_topic, "topics")
        policy.max_delivery_attempts = policy.max_delivery_attempts or _DEFAULT_ATTEMPTS
        _check_range("max_delivery_attempts", policy.max_delivery_attempts, _ATTEMPTS)
    if subscription.HasField("retry_policy"):
        least, most = _backoff(subscription) or _DEFAULT_BACKOFF_SECONDS
        _check_range("retry_policy.minimum_backoff", least, (0, most))
        _check_range("retry_policy.maximum_backoff", most, (least, _MAX_ACK_SECONDS))
    values.check_push(subscription.push_config)
    if subscription.push_config.push_endpoint and subscription.enable_exactly_once_delivery:
        raise errors.invalid_argument(
            "enable_exactly_once_delivery is for pull subscriptions: push_config must be empty."
        )


def check_ack_deadline(seconds: int, *, least: int = 0) -> None:
    """Accept an ack deadline.

    Raises:
        EmulatorError: INVALID_ARGUMENT, outside ``least`` to 600 seconds.
    """
    _check_range("ack_deadline_seconds", seconds, (least, _MAX_ACK_SECONDS))


def _check_range(field: str, value: float, bounds: tuple[float, float]) -> None:
    least, most = bounds
    if not least <= value <= most:
        raise errors.invalid_argument(
            f"Invalid {field} given ({field}={value:g}): it must be from {least:g} to {most:g}."
        )


def _backoff(subscription: Proto) -> tuple[float, float] | None:
    if subscription.HasField("retry_policy"):
        policy = subscription.retry_policy
        least, most = _DEFAULT_BACKOFF_SECONDS
        if policy.HasField("minimum_backoff"):
            least = _seconds(policy.minimum_backoff)
        if policy.HasField("maximum_backoff"):
            most = _seconds(policy.maximum_backoff)
        return least, most
    return _PUSH_BACKOFF_SECONDS if subscription.push_config.push_endpoint else None


def _seconds(duration: Proto) -> float:
    return float(duration.seconds + duration.nanos / 1e9)
