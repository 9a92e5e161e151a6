"""Tests of `shared.search.resident`."""
