"""What consumers failed at, for administrators."""
