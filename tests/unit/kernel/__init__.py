"""Tests of `shared.kernel`."""
