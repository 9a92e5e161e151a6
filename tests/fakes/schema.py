"""The version of a schema that has every migration."""

from shared.adapters.sql import migrate

NEWEST = max(step.stem[:4] for step in (migrate.FOLDER / "versions").glob("[0-9]*.py"))
