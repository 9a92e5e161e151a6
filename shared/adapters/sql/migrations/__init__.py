"""The schema's history: reviewed SQL, up and down, run by alembic."""
