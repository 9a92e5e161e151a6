"""Figures, and what the bare operation costs."""
