"""Publishes the events that a crash or an outage left waiting."""
