"""Tests of emulators.scheduler over the wire."""
