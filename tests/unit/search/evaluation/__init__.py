"""Tests of how good the answers of a search are."""
