"""Names of resources (https://cloud.google.com/pubsub/docs/pubsub-basics)."""

from __future__ import annotations

import re

from emulators.core import errors

DELETED_TOPIC = "_deleted-topic_"
_PROJECT = re.compile(r"projects/[^/]+")
_NAME = re.compile(
    r"projects/[^/]+/(topics|subscriptions|snapshots|schemas)/(?!goog)[A-Za-z][\w\-.~+%]{2,254}",
    re.ASCII,
)


def check(name: str, kind: str) -> None:
    """Accept a full name of ``topics``, ``subscriptions``, ``snapshots`` or ``schemas``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, with the name.
    """
    found = _NAME.fullmatch(name)
    if found is None or found[1] != kind:
        raise errors.invalid_argument(f"Invalid [{kind}] name: (name={name})")


def check_project(name: str) -> None:
    """Accept ``projects/P``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, with the name.
    """
    if not _PROJECT.fullmatch(name):
        raise errors.invalid_argument(f"Invalid [projects] name: (name={name})")


def kind_of(name: str) -> str:
    """Return ``topics``, ``subscriptions``, ``snapshots`` or ``schemas``.

    Raises:
        EmulatorError: INVALID_ARGUMENT, it is no name of any.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        kinds = "topics, subscriptions, snapshots, schemas"
        raise errors.invalid_argument(f"Invalid [{kinds}] name: (name={name})")
    return found[1]


def short(name: str) -> str:
    """Return the last part of a full name."""
    return name.rpartition("/")[2]


def project_of(name: str) -> str:
    """Return the project id of a full name."""
    return name.split("/")[1]


def missing(name: str) -> errors.EmulatorError:
    """NOT_FOUND in the service's words."""
    return errors.not_found(f"Resource not found (resource={short(name)}).")


def absent(name: str, kind: str) -> errors.EmulatorError:
    """NOT_FOUND, for a name that could be of this kind.

    Raises:
        EmulatorError: INVALID_ARGUMENT, it could not.
    """
    check(name, kind)
    return missing(name)


def detached(name: str) -> errors.EmulatorError:
    """FAILED_PRECONDITION: the subscription gets nothing any more."""
    return errors.failed_precondition(f"The subscription is detached (resource={short(name)}).")


def taken(name: str) -> errors.EmulatorError:
    """ALREADY_EXISTS in the service's words."""
    return errors.already_exists(
        f"Resource already exists in the project (resource={short(name)})."
    )
