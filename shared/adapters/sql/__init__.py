"""PostgreSQL: one module per thing that is kept, one statement a file."""
