"""The host of functions and jobs."""
