"""Writing the catalog: one page of canonical items in one transaction."""
