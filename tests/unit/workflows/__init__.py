"""The workflow language: its grammar, values, library and engine."""
