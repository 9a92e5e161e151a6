"""Tells everybody what many people look for."""
