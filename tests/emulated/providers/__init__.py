"""The fake provider, judged over HTTP."""
