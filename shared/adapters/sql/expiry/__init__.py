"""Offers that end: what is told before, what ends by time, and what a full run no longer saw."""
