"""Cloud Workflows and its executions."""
