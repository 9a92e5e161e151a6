"""``sys``: environment, time, log and sleep."""

from emulators.workflows.errors import key_error, type_error, value_error
from emulators.workflows.host import Host
from emulators.workflows.stdlib.registry import function, number_of, text_of
from emulators.workflows.stdlib.time import seconds_of
from emulators.workflows.values import Value, to_json

LONGEST_SLEEP = 366 * 24 * 3600
SEVERITIES = frozenset(
    {"DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"}
)


@function("sys.get_env", "name", kind="ambient", default=None)
def get_env(host: Host, name: Value, default: Value) -> Value:
    """Return a variable of the execution's environment; unknown without default is a KeyError."""
    variable = text_of(name, "sys.get_env: name")
    if variable in host.environment:
        return host.environment[variable]
    if default is None:
        raise key_error(f"sys.get_env: no environment variable {variable!r}")
    return default


@function("sys.now", kind="ambient")
def now(host: Host) -> float:
    """Return the seconds since 1970 UTC."""
    return host.clock.now()


@function(
    "sys.log", kind="waiting", data=None, severity="DEFAULT", text=None, json=None, timeout=None
)
async def log(host: Host, *arguments: Value) -> None:
    """Write one of ``data``, ``text`` and ``json`` to the execution's log."""
    data, severity, text, json, _ = arguments
    level = text_of(severity, "sys.log: severity")
    if level not in SEVERITIES:
        raise value_error(f"sys.log: unknown severity {level!r}")
    given = [entry for entry in (data, text, json) if entry is not None]
    if len(given) > 1:
        raise type_error("sys.log takes one of data, text and json")
    entry = given[0] if given else None
    host.log(entry if isinstance(entry, str) else to_json(entry), level)


@function("sys.sleep", "seconds", kind="waiting")
async def sleep(host: Host, seconds: Value) -> None:
    """Wait, of the emulator's clock, up to a year."""
    duration = number_of(seconds, "sys.sleep: seconds")
    if not 0 <= duration <= LONGEST_SLEEP:
        raise value_error(f"sys.sleep: {duration} seconds are out of range")
    await host.clock.sleep(duration)


@function("sys.sleep_until", "time", kind="waiting")
async def sleep_until(host: Host, time: Value) -> None:
    """Wait until a moment given as ISO 8601 text; one in the past does not wait."""
    moment = seconds_of(text_of(time, "sys.sleep_until: time"))
    await sleep(host, max(0.0, moment - host.clock.now()))
