"""The only place that talks to the world."""
