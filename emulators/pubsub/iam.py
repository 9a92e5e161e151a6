"""IAM policies: stored and versioned by etag, never enforced (space ``pubsub.policy``)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from google.iam.v1 import iam_policy_pb2, policy_pb2

from emulators.core import errors
from emulators.pubsub import masks, names
from emulators.pubsub.supported import POLICIES

if TYPE_CHECKING:
    from emulators.core.binding import ServicerContext
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto
    from emulators.pubsub.store import Store

_POLICIES = "pubsub.policy"
# https://cloud.google.com/iam/docs/reference/rest/v1/Policy: versions, members, and that conditions
# need version 3.
_VERSIONS = frozenset({0, 1, 3})
_CONDITIONAL = 3
_EMPTY_ETAG = b"\x00\x20\x01"
_MASKABLE = frozenset({"bindings", "etag", "version"})
_ROLE = re.compile(r"((projects|organizations)/[^/]+/)?roles/[\w.]+", re.ASCII)
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers"
    r"|(deleted:)?(user|serviceAccount|group|domain|principal|principalSet"
    r"|projectOwner|projectEditor|projectViewer):.+"
)
_PERMISSION = re.compile(r"pubsub\.(topics|subscriptions|snapshots|schemas)\.\w+", re.ASCII)


class Policies:
    """The policy of every resource that was given one.

    Args:
        journal: What survives the process.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._policies = {
            name: policy_pb2.Policy.FromString(raw) for name, raw in journal.load(_POLICIES)
        }

    def get(self, resource: str) -> Proto:
        """Return the policy of a resource, an empty one unless it was given one."""
        return self._policies.get(resource) or policy_pb2.Policy(etag=_EMPTY_ETAG)

    def set(self, resource: str, policy: Proto, mask: Proto) -> Proto:
        """Replace the policy of a resource, or its masked fields, and return it.

        Raises:
            EmulatorError: INVALID_ARGUMENT; ABORTED, when the etag is not the current one.
        """
        current = self.get(resource)
        if policy.etag and policy.etag != current.etag:
            raise errors.aborted(
                "There were concurrent policy changes. "
                "Please retry the whole read-modify-write with exponential backoff."
            )
        changed = masks.merged(current, policy, mask, _MASKABLE) if mask.paths else policy
        _check(changed)
        content = current.etag + changed.SerializeToString(deterministic=True)
        changed.etag = hashlib.sha256(content).digest()[:8]
        self._policies[resource] = changed
        self._journal.put(_POLICIES, resource, changed.SerializeToString())
        return changed

    def forget(self, resource: str) -> None:
        """Begin anew: another resource has this name now."""
        if self._policies.pop(resource, None) is not None:
            self._journal.put(_POLICIES, resource, None)


class PolicyServicer:
    """``google.iam.v1.IAMPolicy`` for topics, subscriptions, snapshots and schemas."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def GetIamPolicy(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a policy."""
        self._store.check_exists(request.resource)
        if request.options.requested_policy_version not in _VERSIONS:
            raise errors.invalid_argument(
                "Invalid options.requested_policy_version: "
                f"{request.options.requested_policy_version}"
            )
        return self._store.policies.get(request.resource)

    async def SetIamPolicy(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Replace a policy."""
        self._store.check_exists(request.resource)
        mask = request.update_mask
        policy = self._store.policies.set(request.resource, request.policy, mask)
        await self._store.commit()
        return policy

    async def TestIamPermissions(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return all permissions, since everybody has them here; none on what does not exist."""
        kind = names.kind_of(request.resource)
        for permission in request.permissions:
            fits = _PERMISSION.fullmatch(permission)
            if fits is None or fits[1] != kind:
                raise errors.invalid_argument(
                    f"Permission {permission} is not valid for this resource, which is of {kind}."
                )
        response = iam_policy_pb2.TestIamPermissionsResponse
        try:
            self._store.check_exists(request.resource)
        except errors.EmulatorError:
            return response()
        return response(permissions=request.permissions)


def _check(policy: Proto) -> None:
    POLICIES.refuse(policy)
    if policy.version not in _VERSIONS:
        raise errors.invalid_argument(f"Invalid policy version: {policy.version}")
    for binding in policy.bindings:
        if not _ROLE.fullmatch(binding.role):
            raise errors.invalid_argument(f"Role {binding.role} is not valid.")
        for member in binding.members:
            if not _MEMBER.fullmatch(member):
                raise errors.invalid_argument(f"Member {member} is not valid.")
        if binding.HasField("condition") and policy.version != _CONDITIONAL:
            raise errors.invalid_argument("A policy with conditions must be of version 3.")
