"""Tests of `shared.search`."""
