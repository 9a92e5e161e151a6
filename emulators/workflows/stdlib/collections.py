"""``list`` and ``map``: every function returns a new value."""

from emulators.workflows.errors import key_error
from emulators.workflows.stdlib.registry import function, list_of, map_of
from emulators.workflows.values import Value, map_key


@function("list.concat", "objs", "val")
def concat(objs: Value, val: Value) -> Value:
    """Return the list with a value at its end."""
    return [*list_of(objs, "list.concat: objs"), val]


@function("list.prepend", "objs", "val")
def prepend(objs: Value, val: Value) -> Value:
    """Return the list with a value at its start."""
    return [val, *list_of(objs, "list.prepend: objs")]


@function("map.get", "map", "keys")
def get(items: Value, keys: Value) -> Value:
    """Return the value of a key, or of a path of keys; null where there is none."""
    found: Value = map_of(items, "map.get: map")
    for key in keys if isinstance(keys, list) else [keys]:
        found = found.get(map_key(key)) if isinstance(found, dict) else None
    return found


@function("map.delete", "map", "key")
def delete(items: Value, key: Value) -> Value:
    """Return the map without a key that it has."""
    found, name = map_of(items, "map.delete: map"), map_key(key)
    if name not in found:
        raise key_error(f"map.delete: key not found: {name}")
    return {other: value for other, value in found.items() if other != name}


@function("map.merge", "first", "second")
def merge(first: Value, second: Value) -> Value:
    """Return both maps in one; the second wins."""
    return {**map_of(first, "map.merge: first"), **map_of(second, "map.merge: second")}


@function("map.merge_nested", "first", "second")
def merge_nested(first: Value, second: Value) -> Value:
    """Return both maps in one, maps inside them merged as well; elsewhere the second wins."""
    left = map_of(first, "map.merge_nested: first")
    merged = dict(left)
    for key, value in map_of(second, "map.merge_nested: second").items():
        both = isinstance(value, dict) and isinstance(left.get(key), dict)
        merged[key] = merge_nested(left[key], value) if both else value
    return merged
