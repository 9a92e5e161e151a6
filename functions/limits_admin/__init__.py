"""Limits of tiers and classes of routes."""
