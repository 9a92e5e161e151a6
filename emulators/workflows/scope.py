"""Variables: nested scopes, the fence around a parallel branch, and the memory they share."""

from collections.abc import Mapping

from emulators.workflows.errors import key_error, limit_error, type_error
from emulators.workflows.values import Value, size_of

MAX_BYTES = 512 * 1024


class Memory:
    """Counts the bytes of all variables of one execution."""

    def __init__(self) -> None:
        self._used = 0

    def change(self, added: int) -> None:
        """Take or give back bytes.

        Raises:
            WorkflowError: ResourceLimitError when all variables together exceed 512 KiB.
        """
        if added > 0 and self._used + added > MAX_BYTES:
            raise limit_error(f"the variables take more than {MAX_BYTES} bytes")
        self._used += added


class Scope:
    """Variables of a routine, loop iteration, handler or parallel branch.

    Args:
        memory: Shared by all scopes of the execution.
        parent: Where names not found here are looked up.
        shared: For a parallel branch: the outer variables it may assign. None is no fence.
    """

    def __init__(
        self,
        memory: Memory,
        parent: "Scope | None" = None,
        shared: frozenset[str] | None = None,
    ) -> None:
        self._memory = memory
        self._parent = parent
        self._shared = shared
        self._values: dict[str, Value] = {}
        self._sizes: dict[str, int] = {}

    @property
    def variables(self) -> Mapping[str, Value]:
        """The variables of this scope alone."""
        return self._values

    def child(self, shared: frozenset[str] | None = None) -> "Scope":
        """Return a scope inside this one."""
        return Scope(self._memory, self, shared)

    def has(self, name: str) -> bool:
        """Tell whether a variable can be seen from here."""
        return self._holder(name) is not None

    def read(self, name: str) -> Value:
        """Return a variable's value.

        Raises:
            WorkflowError: KeyError when it was never assigned (open in the reference: the tag).
        """
        holder = self._holder(name)
        if holder is None:
            raise key_error(f"variable not found: {name}")
        return holder.variables[name]

    def assign(self, name: str, value: Value) -> None:
        """Write the nearest variable of this name, or make one here.

        Raises:
            WorkflowError: TypeError for an outer variable a parallel branch does not share.
        """
        self._check_fence(name)
        (self._holder(name) or self).declare(name, value)

    def declare(self, name: str, value: Value) -> None:
        """Write a variable of this very scope: a parameter, a loop's value, a caught error."""
        size = len(name) + size_of(value)
        self._memory.change(size - self._sizes.get(name, 0))
        self._sizes[name] = size
        self._values[name] = value

    def close(self) -> None:
        """Give the memory back; the scope is not used again."""
        self._memory.change(-sum(self._sizes.values()))
        self._values.clear()
        self._sizes.clear()

    def _holder(self, name: str) -> "Scope | None":
        if name in self._values:
            return self
        return self._parent._holder(name) if self._parent is not None else None  # noqa: SLF001 - its own class

    def _check_fence(self, name: str) -> None:
        """Refuse to write a variable beyond the fence of a parallel branch."""
        if name in self._values or self._parent is None:
            return
        if self._shared is not None and name not in self._shared and self._parent.has(name):
            raise type_error(f"variable {name!r} is not shared with this parallel branch")
        self._parent._check_fence(name)  # noqa: SLF001 - its own class
