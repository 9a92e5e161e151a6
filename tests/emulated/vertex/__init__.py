"""Tests of emulators.vertex over the wire."""
