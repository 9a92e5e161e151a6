"""The edge: settings, HTTP, events, jobs and logs."""
