"""One module per step of the schema; the SQL lies beside `migrations`."""
