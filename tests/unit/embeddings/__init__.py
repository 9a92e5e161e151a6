"""Tests of `shared.adapters.embeddings`."""
