"""Quality of the catalog, for administrators."""
