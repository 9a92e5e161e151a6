"""Sources of catalogs, against the servers they speak to."""
