"""Readings by a language model."""
