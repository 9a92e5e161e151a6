"""Tests, each a sentence about behavior."""
