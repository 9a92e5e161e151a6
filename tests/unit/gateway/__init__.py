"""Tests of `shared.gateway`."""
