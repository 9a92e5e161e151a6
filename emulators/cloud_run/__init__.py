"""The host of every function folder: HTTP, events and jobs, one forked process per function."""
