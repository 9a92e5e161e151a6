"""Values that resources carry beside their names: labels, regions, addresses of pushes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulators.core.methods import Proto

# https://cloud.google.com/pubsub/docs/create-topic#labels: letters of any script, without case.
_MOST_LABELS, _LABEL_LENGTH = 64, 63
_KEY = re.compile(r"[^\W\d_][\w-]*")
_VALUE = re.compile(r"[\w-]*")
# https://cloud.google.com/about/locations: a part of the world, a direction, a number.
_REGION = re.compile(r"[a-z]+-[a-z]+[1-9]\d?", re.ASCII)
# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#pushconfig
_VERSION, _VERSIONS = "x-goog-version", frozenset({"", "v1", "v1beta2"})
_OTHER_VERSION = "v1beta1"


def check_labels(labels: Mapping[str, str]) -> None:
    """Accept the labels of a resource.

    Raises:
        EmulatorError: INVALID_ARGUMENT, with the label.
    """
    if len(labels) > _MOST_LABELS:
        raise errors.invalid_argument(f"Invalid labels given: there are more than {_MOST_LABELS}.")
    for key, value in labels.items():
        fits = _KEY.fullmatch(key) and _VALUE.fullmatch(value)
        small = key == key.lower() and value == value.lower()
        if not fits or not small or max(len(key), len(value)) > _LABEL_LENGTH:
            raise errors.invalid_argument(
                f"Invalid labels given (labels[{key}]={value}): keys begin with a letter; keys and "
                f"values are of at most {_LABEL_LENGTH} lowercase letters, digits, _ and -."
            )


def check_regions(regions: Sequence[str]) -> None:
    """Accept where a topic's messages may be kept.

    Raises:
        EmulatorError: INVALID_ARGUMENT, there is none, or with the region.
    """
    if not regions:
        raise errors.invalid_argument(
            "Invalid message_storage_policy given: allowed_persistence_regions is empty."
        )
    for region in regions:
        if not _REGION.fullmatch(region):
            raise errors.invalid_argument(
                "Invalid message_storage_policy given "
                f"(allowed_persistence_regions={region}): it is no region."
            )


def check_push(push: Proto) -> None:
    """Accept where and how messages are pushed.

    Raises:
        EmulatorError: INVALID_ARGUMENT, with the field; UNIMPLEMENTED, for an old form of messages.
    """
    _check_endpoint(push.push_endpoint)
    for name, value in push.attributes.items():
        if (name, value) == (_VERSION, _OTHER_VERSION):
            raise errors.unimplemented(f"PushConfig.attributes[{name}] {value} is not supported")
        if name != _VERSION or value not in _VERSIONS:
            raise errors.invalid_argument(
                f"Invalid push_config given (attributes[{name}]={value}): there is none such."
            )
    if push.HasField("oidc_token") and "@" not in push.oidc_token.service_account_email:
        email = push.oidc_token.service_account_email
        raise errors.invalid_argument(
            f"Invalid push_config given (oidc_token.service_account_email={email})."
        )


def _check_endpoint(endpoint: str) -> None:
    if not endpoint:
        return
    try:
        parts = urlsplit(endpoint)
        there = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        there = False
    if not there:
        raise errors.invalid_argument(f"Invalid push endpoint given (endpoint={endpoint}).")
